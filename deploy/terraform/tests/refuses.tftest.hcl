# What would be unsafe or could not work is refused before anything is made.

mock_provider "aws" {
  source = "./tests/mocks"
}

mock_provider "aws" {
  alias  = "us_east_1"
  source = "./tests/mocks"
}

variables {
  images = { api = "meshgen-api:v1" }
  api    = { cpu = 256, memory_mib = 512, tasks = 1, max_tasks = 2 }
  workers = {
    cpu = {
      image    = "meshgen:v1"
      machines = { instance_types = ["c7i.xlarge"] }
      size     = { cpu = 3840, memory_mib = 6800, engines = 2, threads = 2, min_tasks = 1, max_tasks = 3 }
    }
  }
  database = { instance_class = "db.t4g.micro", storage_gib = 20, multi_az = false, backup_days = 7 }
  redis    = { node_type = "cache.t4g.micro", replicas = 0 }
}

run "plans" {
  command = plan

  assert {
    condition     = local.environment.MESHGEN_REDIS_ALLOW_VOLATILE == "true"
    error_message = "A Redis without a replica is taken as it is."
  }
}

run "no_login_for_everybody" {
  command = plan
  variables {
    auth = "off"
  }
  expect_failures = [var.auth]
}

run "no_login_for_the_office" {
  command = plan
  variables {
    auth         = "off"
    viewer_cidrs = ["203.0.113.0/24", "2001:db8::/32"]
  }
}

run "a_domain_without_a_certificate" {
  command = plan
  variables {
    domain = "mesh.example.com"
  }
  expect_failures = [var.certificate_arn]
}

run "one_zone" {
  command = plan
  variables {
    zones = 1
  }
  expect_failures = [var.zones]
}

run "a_name_too_long_for_a_bucket" {
  command = plan
  variables {
    name = "meshgen-of-the-whole-company"
  }
  expect_failures = [var.name]
}
