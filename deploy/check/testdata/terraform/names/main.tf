variable "used" {
  description = "Is used."
  type        = string
}

variable "unused" { # wrong: unused, described, typed
}

locals {
  idle = 1 # wrong: unused
}

resource "aws_ecs_cluster" "this" { # wrong: schema
  nmae = var.used # wrong: schema
  service_connect_default { # wrong: schema
    namespace = var.missing # wrong: reference
  }
  tags = { role = aws_iam_role.missing.arn } # wrong: reference
}

module "called" { # wrong: module
  source = "../called"
  wrong  = local.gone # wrong: module, reference
}

output "o" { # wrong: described
  value = module.called.missing # wrong: reference
}
