package check

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// checkPolicies holds the rules of this project for what runs at Amazon's.
func (m *Module) checkPolicies() {
	m.checkPermissions()
	m.checkBuckets()
	m.checkNetwork()
	m.checkAtRest()
}

// checkPermissions looks at policies of IAM: what is allowed is named, and so is what it is allowed for.
func (m *Module) checkPermissions() {
	for _, b := range m.of("data") {
		if b.Labels[0] != "aws_iam_policy_document" {
			continue
		}
		for _, s := range inner(b.Body, "statement") {
			if text(s, "effect") == "Deny" {
				continue
			}
			if _, ok := s.Attributes["not_actions"]; ok {
				m.find("actions", s.SrcRange, "%s allows all but some actions", b.Labels[1])
			}
			if a, ok := s.Attributes["actions"]; ok {
				for _, action := range texts(a.Expr) {
					if strings.Contains(action, "*") {
						m.find("actions", a.SrcRange, "%s allows %q", b.Labels[1], action)
					}
				}
			}
			principals := inner(s, "principals")
			for _, p := range principals {
				for _, who := range texts(p.Attributes["identifiers"].Expr) {
					if who == "*" {
						m.find("principals", p.SrcRange, "%s allows it to everybody", b.Labels[1])
					}
				}
			}
			// In the policy of a key "*" is the key itself; there, somebody is named.
			if a, ok := s.Attributes["resources"]; ok && len(principals) == 0 {
				for _, resource := range texts(a.Expr) {
					if resource == "*" || strings.HasSuffix(resource, ":*") && !strings.Contains(resource, "${}:*") {
						m.find("resources", a.SrcRange, "%s allows it for %q", b.Labels[1], resource)
					}
				}
			}
		}
	}
	for _, b := range m.resources("aws_iam_role_policy_attachment") {
		for _, policy := range texts(b.Body.Attributes["policy_arn"].Expr) {
			if strings.Contains(policy, "FullAccess") || strings.Contains(policy, "AdministratorAccess") {
				m.find("actions", b.DefRange(), "%s attaches %s", b.Labels[1], policy)
			}
		}
	}
	for _, kind := range []string{"aws_iam_user", "aws_iam_access_key"} {
		for _, b := range m.resources(kind) {
			m.find("principals", b.DefRange(), "%s is a key that lives for ever: use a role", b.Labels[1])
		}
	}
}

func (m *Module) checkBuckets() {
	mentioned := func(kind string) (names []string) {
		for _, b := range m.resources(kind) {
			for _, t := range traversals(b.Body, nil) {
				names = append(names, t.RootName())
				for i := 1; i < len(t) && i < 2; i++ {
					names = append(names, step(t, i))
				}
			}
		}
		if slices.Contains(names, "local") || slices.Contains(names, "each") { // for_each over a map of all: count it whole
			for _, l := range m.of("locals") {
				for _, t := range traversals(l.Body, nil) {
					names = append(names, step(t, 1))
				}
			}
		}
		return names
	}
	for _, bucket := range m.resources("aws_s3_bucket") {
		for kind, why := range map[string]string{
			"aws_s3_bucket_public_access_block":                  "can be made public",
			"aws_s3_bucket_server_side_encryption_configuration": "says nothing of encryption",
			"aws_s3_bucket_lifecycle_configuration":              "keeps for ever what is left behind",
		} {
			if !slices.Contains(mentioned(kind), bucket.Labels[1]) {
				m.find("bucket", bucket.DefRange(), "bucket %s %s: it has no %s", bucket.Labels[1], why, kind)
			}
		}
		if a := text(bucket.Body, "acl"); strings.HasPrefix(a, "public") {
			m.find("bucket", bucket.DefRange(), "bucket %s is public", bucket.Labels[1])
		}
	}
	for _, b := range m.resources("aws_s3_bucket_public_access_block") {
		for _, name := range []string{"block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"} {
			if !isTrue(b.Body, name) {
				m.find("bucket", b.DefRange(), "%s is not true", name)
			}
		}
	}
}

func (m *Module) checkNetwork() {
	anywhere := func(cidr string) bool { return cidr == "0.0.0.0/0" || cidr == "::/0" }
	for _, b := range m.resources("aws_vpc_security_group_ingress_rule") {
		if anywhere(text(b.Body, "cidr_ipv4")) || anywhere(text(b.Body, "cidr_ipv6")) {
			m.find("network", b.DefRange(), "%s lets everybody in", b.Labels[1])
		}
		if text(b.Body, "ip_protocol") == "-1" {
			m.find("network", b.DefRange(), "%s lets every port in", b.Labels[1])
		}
	}
	for _, b := range m.resources("aws_vpc_security_group_egress_rule") {
		port := literal(b.Body, "to_port")
		if anywhere(text(b.Body, "cidr_ipv4")) && (port == cty.NilVal || port.AsBigFloat().String() != "443") {
			m.find("network", b.DefRange(), "%s lets more than HTTPS out to everywhere", b.Labels[1])
		}
	}
	for _, b := range m.resources("aws_security_group") {
		if len(inner(b.Body, "ingress"))+len(inner(b.Body, "egress")) > 0 {
			m.find("network", b.DefRange(), "%s: rules are resources of their own", b.Labels[1])
		}
	}
	for _, b := range m.resources("aws_launch_template") {
		if options := inner(b.Body, "metadata_options"); len(options) == 0 || text(options[0], "http_tokens") != "required" {
			m.find("network", b.DefRange(), "%s hands out its role to whoever can send a request", b.Labels[1])
		}
	}
	for _, b := range m.resources("aws_ecs_service") {
		for _, n := range inner(b.Body, "network_configuration") {
			if isTrue(n, "assign_public_ip") {
				m.find("network", n.SrcRange, "%s has a public address", b.Labels[1])
			}
		}
	}
	for _, b := range m.resources("aws_cloudfront_distribution") {
		for _, kind := range []string{"default_cache_behavior", "ordered_cache_behavior"} {
			for _, behaviour := range inner(b.Body, kind) {
				if text(behaviour, "viewer_protocol_policy") == "allow-all" {
					m.find("network", behaviour.SrcRange, "%s is reached without TLS", b.Labels[1])
				}
			}
		}
	}
}

// checkAtRest looks for encryption, and for secrets that are written down.
func (m *Module) checkAtRest() {
	must := func(kind string, names ...string) {
		for _, b := range m.resources(kind) {
			for _, name := range names {
				if !isTrue(b.Body, name) {
					m.find("encryption", b.DefRange(), "%s: %s is not true", b.Labels[1], name)
				}
			}
		}
	}
	must("aws_db_instance", "storage_encrypted")
	must("aws_elasticache_replication_group", "at_rest_encryption_enabled", "transit_encryption_enabled")
	must("aws_kms_key", "enable_key_rotation")
	for kind, name := range map[string]string{
		"aws_db_instance": "kms_key_id", "aws_elasticache_replication_group": "kms_key_id",
		"aws_secretsmanager_secret": "kms_key_id", "aws_sns_topic": "kms_master_key_id",
	} {
		for _, b := range m.resources(kind) {
			if _, ok := b.Body.Attributes[name]; !ok {
				m.find("encryption", b.DefRange(), "%s: no %s", b.Labels[1], name)
			}
		}
	}
	for _, b := range m.resources("aws_launch_template") {
		for _, device := range inner(b.Body, "block_device_mappings") {
			for _, ebs := range inner(device, "ebs") {
				if !isTrue(ebs, "encrypted") {
					m.find("encryption", ebs.SrcRange, "%s: a disk is not encrypted", b.Labels[1])
				}
			}
		}
	}
	for _, b := range m.resources("aws_db_instance") {
		if _, ok := b.Body.Attributes["password"]; ok {
			m.find("secret", b.DefRange(), "%s: the password is in the state, use password_wo", b.Labels[1])
		}
		if isTrue(b.Body, "publicly_accessible") {
			m.find("network", b.DefRange(), "%s is public", b.Labels[1])
		}
	}
	// Redis must not drop bells.
	for _, b := range m.resources("aws_elasticache_parameter_group") {
		noEviction := slices.ContainsFunc(inner(b.Body, "parameter"), func(p *hclsyntax.Body) bool {
			return text(p, "name") == "maxmemory-policy" && text(p, "value") == "noeviction"
		})
		if !noEviction {
			m.find("redis", b.DefRange(), "%s: maxmemory-policy is not noeviction", b.Labels[1])
		}
	}
}
