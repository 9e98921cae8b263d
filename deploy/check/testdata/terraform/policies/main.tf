# Each line that is marked is wrong, and has to be found.

data "aws_iam_policy_document" "p" {
  statement {
    actions   = ["s3:GetObject"]
    resources = ["*"] # wrong: resources
  }
  statement { # a Deny may name everything
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = ["*"]
  }
}

data "aws_iam_policy_document" "wide" {
  statement {
    actions   = ["s3:*"] # wrong: actions
    resources = ["arn:aws:s3:::one/*"]
  }
  statement {
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::one/*"]
    principals { # wrong: principals
      type        = "*"
      identifiers = ["*"]
    }
  }
}

resource "aws_iam_role_policy_attachment" "p" { # wrong: actions
  role       = "someone"
  policy_arn = "arn:aws:iam::aws:policy/AmazonS3FullAccess"
}

resource "aws_s3_bucket" "bare" { # wrong: bucket
}

resource "aws_s3_bucket_public_access_block" "other" { # wrong: bucket
  bucket                  = "other"
  block_public_acls       = true
  block_public_policy     = false
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_security_group" "inline" { # wrong: network
  ingress { # wrong: schema
    from_port = 22
    to_port   = 22
    protocol  = "tcp"
  }
}

resource "aws_vpc_security_group_ingress_rule" "everybody" { # wrong: network
  security_group_id = aws_security_group.inline.id
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 5432
  to_port           = 5432
}

resource "aws_vpc_security_group_egress_rule" "everything" { # wrong: network
  security_group_id = aws_security_group.inline.id
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "-1"
}

resource "aws_launch_template" "old" { # wrong: network
  block_device_mappings {
    ebs { # wrong: encryption
      volume_size = 10
    }
  }
}

resource "aws_db_instance" "open" { # wrong: encryption, secret, network
  instance_class      = "db.t4g.micro"
  password            = "secret"
  publicly_accessible = true
}

resource "aws_sns_topic" "plain" { # wrong: encryption
}

resource "aws_elasticache_parameter_group" "evicts" { # wrong: redis
  name   = "evicts"
  family = "redis7"
  parameter {
    name  = "maxmemory-policy"
    value = "allkeys-lru"
  }
}
