# For a company: a thousand jobs an hour, two of everything, a standby for Postgres and Redis, and workers that come as jobs wait.

variable "domain" {
  description = "As in mesh.example.com."
  type        = string
}

variable "certificate_arn" {
  description = "Its certificate, in us-east-1."
  type        = string
}

variable "alarm_emails" {
  description = "Who is told."
  type        = list(string)
}

module "meshgen" {
  source          = "../.."
  name            = "meshgen"
  domain          = var.domain
  certificate_arn = var.certificate_arn
  alarm_emails    = var.alarm_emails
  images          = { api = "${var.registry}/meshgen-api:${var.tag}" }
  api             = { cpu = 512, memory_mib = 1024, tasks = 2, max_tasks = 6 }
  workers = {
    cpu = {
      image    = "${var.registry}/meshgen:${var.tag}"
      machines = { instance_types = ["c7i.2xlarge", "c6i.2xlarge", "m7i.2xlarge"], spot = true }
      size     = { cpu = 7680, memory_mib = 14000, engines = 4, threads = 2, min_tasks = 2, max_tasks = 20 }
    }
  }
  database = { instance_class = "db.m7g.large", storage_gib = 50, multi_az = true, backup_days = 14 }
  redis    = { node_type = "cache.m7g.large", replicas = 1 }
  providers = {
    aws           = aws
    aws.us_east_1 = aws.us_east_1
  }
}

output "meshgen" {
  description = "Addresses and names."
  value       = module.meshgen
}
