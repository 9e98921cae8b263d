# Meshgen on AWS: the page and the API behind one CloudFront, workers on EC2, Postgres, Redis and S3 of Amazon's.

data "aws_region" "here" {}

locals {
  environment = {
    MESHGEN_LOG_LEVEL     = var.log_level
    MESHGEN_S3_BUCKET     = module.files.files.name
    MESHGEN_S3_REGION     = data.aws_region.here.name
    MESHGEN_S3_PATH_STYLE = "false"
    # Without a replica Redis may forget; what is queued is in Postgres.
    MESHGEN_REDIS_ALLOW_VOLATILE = var.redis.replicas > 0 ? "false" : "true"
  }
  admin_key = var.admin_key_secret_arn == null ? {} : { MESHGEN_ADMIN_KEY = var.admin_key_secret_arn }
  cluster   = { name = aws_ecs_cluster.this.name, arn = aws_ecs_cluster.this.arn }
}

module "network" {
  source       = "./modules/network"
  name         = var.name
  cidr         = var.cidr
  zones        = var.zones
  nat_per_zone = var.nat_per_zone
}

module "files" {
  source       = "./modules/files"
  name         = var.name
  page_origins = ["https://${coalesce(var.domain, module.edge.domain)}"]
}

module "data" {
  source              = "./modules/data"
  name                = var.name
  vpc_id              = module.network.vpc_id
  subnet_ids          = module.network.private_subnet_ids
  key_arn             = module.files.key_arn
  database            = var.database
  redis               = var.redis
  password_version    = var.password_version
  deletion_protection = var.deletion_protection
}

resource "aws_ecs_cluster" "this" {
  name = var.name
  setting {
    name  = "containerInsights"
    value = "enabled"
  }
}

resource "aws_ecs_cluster_capacity_providers" "this" {
  cluster_name       = aws_ecs_cluster.this.name
  capacity_providers = concat(["FARGATE"], [for pool in module.workers : pool.capacity_provider])
}

# ECS fetches images and secrets, and writes logs, before a task has a role of its own.
data "aws_iam_policy_document" "tasks" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "execution" {
  name               = "${var.name}-execution"
  assume_role_policy = data.aws_iam_policy_document.tasks.json
}

resource "aws_iam_role_policy_attachment" "execution" {
  role       = aws_iam_role.execution.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
}

data "aws_iam_policy_document" "secrets" {
  statement {
    actions   = ["secretsmanager:GetSecretValue"]
    resources = values(merge(module.data.secret_arns, local.admin_key))
  }
  statement {
    actions   = ["kms:Decrypt"]
    resources = [module.files.key_arn]
  }
}

resource "aws_iam_role_policy" "secrets" {
  role   = aws_iam_role.execution.id
  policy = data.aws_iam_policy_document.secrets.json
}

module "api" {
  source              = "./modules/api"
  name                = var.name
  image               = var.images.api
  collector_image     = var.images.collector
  size                = var.api
  auth                = var.auth
  environment         = local.environment
  secret_arns         = merge(module.data.secret_arns, local.admin_key)
  files               = module.files.files
  key_arn             = module.files.key_arn
  servers             = module.data.security_groups
  cluster             = local.cluster
  execution_role_arn  = aws_iam_role.execution.arn
  vpc_id              = module.network.vpc_id
  subnet_ids          = module.network.private_subnet_ids
  log_days            = var.log_days
  deletion_protection = var.deletion_protection
}

module "workers" {
  source             = "./modules/workers"
  for_each           = var.workers
  name               = var.name
  pool               = each.key
  image              = each.value.image
  machines           = each.value.machines
  size               = each.value.size
  scale_out_seconds  = var.scale_out_seconds
  environment        = local.environment
  secret_arns        = module.data.secret_arns
  files              = module.files.files
  key_arn            = module.files.key_arn
  servers            = module.data.security_groups
  cluster            = local.cluster
  execution_role_arn = aws_iam_role.execution.arn
  vpc_id             = module.network.vpc_id
  subnet_ids         = module.network.private_subnet_ids
  log_days           = var.log_days
}

module "edge" {
  source                 = "./modules/edge"
  name                   = var.name
  page                   = module.files.page
  files_domain           = module.files.files.domain
  balancer               = module.api.balancer
  domain                 = var.domain
  certificate_arn        = var.certificate_arn
  viewer_cidrs           = var.viewer_cidrs
  requests_per_5_minutes = var.requests_per_5_minutes
  providers = {
    aws           = aws
    aws.us_east_1 = aws.us_east_1
  }
}

module "alarms" {
  source          = "./modules/alarms"
  name            = var.name
  key_arn         = module.files.key_arn
  emails          = var.alarm_emails
  balancer        = module.api.balancer
  database_id     = module.data.database_id
  redis_ids       = module.data.redis_ids
  cluster_name    = aws_ecs_cluster.this.name
  worker_services = { for pool, worker in module.workers : pool => worker.service_name }
}
