# For a service: a hundred thousand jobs an hour, three zones that do not depend on each other, and a pool with GPUs beside the first.

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
  source                 = "../.."
  name                   = "meshgen-large"
  zones                  = 3
  nat_per_zone           = true
  domain                 = var.domain
  certificate_arn        = var.certificate_arn
  alarm_emails           = var.alarm_emails
  requests_per_5_minutes = 100000
  images                 = { api = "${var.registry}/meshgen-api:${var.tag}" }
  api                    = { cpu = 2048, memory_mib = 4096, tasks = 3, max_tasks = 30 }
  workers = {
    cpu = {
      image    = "${var.registry}/meshgen:${var.tag}"
      machines = { instance_types = ["c7i.4xlarge", "c6i.4xlarge", "m7i.4xlarge"], disk_gib = 200, spot = true }
      size     = { cpu = 15872, memory_mib = 29000, engines = 8, threads = 2, cache_gib = 32, min_tasks = 6, max_tasks = 150 }
    }
    gpu = { # for large lattices: see docs/lattice.md for what a GPU is used for before paying for one
      image = "${var.registry}/meshgen-cuda:${var.tag}"
      machines = {
        instance_types  = ["g6.2xlarge", "g5.2xlarge"]
        image_parameter = "/aws/service/bottlerocket/aws-ecs-3-nvidia/x86_64/latest/image_id"
      }
      size = { cpu = 7680, memory_mib = 29000, engines = 2, threads = 4, gpus = 1, min_tasks = 1, max_tasks = 10 }
    }
  }
  database = { instance_class = "db.r7g.2xlarge", storage_gib = 200, multi_az = true, backup_days = 30 }
  redis    = { node_type = "cache.r7g.xlarge", replicas = 2 }
  providers = {
    aws           = aws
    aws.us_east_1 = aws.us_east_1
  }
}

output "meshgen" {
  description = "Addresses and names."
  value       = module.meshgen
}
