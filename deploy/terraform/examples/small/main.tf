# For a team: ten jobs an hour, one warm worker, everything once. About 10 people may lose a minute when a node goes.

variable "viewer_cidrs" {
  description = "Addresses of the office."
  type        = list(string)
}

module "meshgen" {
  source              = "../.."
  name                = "meshgen-small"
  viewer_cidrs        = var.viewer_cidrs
  deletion_protection = false
  images              = { api = "${var.registry}/meshgen-api:${var.tag}" }
  api                 = { cpu = 256, memory_mib = 512, tasks = 1, max_tasks = 2 }
  workers = {
    cpu = {
      image    = "${var.registry}/meshgen:${var.tag}"
      machines = { instance_types = ["c7i.xlarge", "c6i.xlarge", "m7i.xlarge"], disk_gib = 60 }
      size     = { cpu = 3840, memory_mib = 6800, engines = 2, threads = 2, min_tasks = 1, max_tasks = 3 }
    }
  }
  database = { instance_class = "db.t4g.micro", storage_gib = 20, multi_az = false, backup_days = 7 }
  redis    = { node_type = "cache.t4g.micro", replicas = 0 }
  providers = {
    aws           = aws
    aws.us_east_1 = aws.us_east_1
  }
}

output "meshgen" {
  description = "Addresses and names."
  value       = module.meshgen
}
