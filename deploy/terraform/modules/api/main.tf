# The API on Fargate, behind a load balancer that only CloudFront reaches.

data "aws_region" "here" {}

data "aws_ec2_managed_prefix_list" "cloudfront" {
  name = "com.amazonaws.global.cloudfront.origin-facing"
}

locals {
  port = 8080
  environment = merge(var.environment, {
    MESHGEN_LISTEN         = "0.0.0.0:${local.port}"
    MESHGEN_METRICS_LISTEN = "127.0.0.1:9090" # for the collector beside it
    MESHGEN_AUTH           = var.auth
    MESHGEN_STOP_DELAY     = "20s" # until the load balancer has forgotten it
    MESHGEN_STOP_TIMEOUT   = "60s"
  })
  secrets = [for name, arn in var.secret_arns : { name = name, valueFrom = arn }]
  hardened = {
    user                   = "65532:65532"
    readonlyRootFilesystem = true
    linuxParameters        = { capabilities = { drop = ["ALL"] }, initProcessEnabled = false }
  }
  log = {
    logDriver = "awslogs"
    options = {
      awslogs-group         = aws_cloudwatch_log_group.this.name
      awslogs-region        = data.aws_region.here.name
      awslogs-stream-prefix = "api"
    }
  }

  # What Prometheus would ask for, sent to CloudWatch: scaling and alarms go by it.
  collector = yamlencode({
    receivers = { prometheus = { config = { scrape_configs = [{
      job_name        = "api"
      scrape_interval = "15s"
      static_configs  = [{ targets = ["127.0.0.1:9090"] }]
    }] } } }
    processors = { filter = { metrics = { include = {
      match_type   = "strict"
      metric_names = ["meshgen_oldest_job_seconds", "meshgen_jobs"]
    } } } }
    exporters = { awsemf = {
      namespace               = var.name
      log_group_name          = aws_cloudwatch_log_group.metrics.name
      dimension_rollup_option = "NoDimensionRollup"
      metric_declarations = [
        { dimensions = [[]], metric_name_selectors = ["^meshgen_oldest_job_seconds$"] },
        { dimensions = [["state"]], metric_name_selectors = ["^meshgen_jobs$"] },
      ]
    } }
    service = { pipelines = { metrics = {
      receivers = ["prometheus"], processors = ["filter"], exporters = ["awsemf"]
    } } }
  })
}

resource "aws_cloudwatch_log_group" "this" {
  name              = "/${var.name}/api"
  retention_in_days = var.log_days
}

resource "aws_cloudwatch_log_group" "metrics" {
  name              = "/${var.name}/metrics"
  retention_in_days = 1 # numbers are kept by CloudWatch
}

# ---- Who may do what

data "aws_iam_policy_document" "tasks" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "task" {
  name               = "${var.name}-api"
  assume_role_policy = data.aws_iam_policy_document.tasks.json
}

data "aws_iam_policy_document" "task" {
  statement {
    sid       = "Files"
    actions   = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"]
    resources = ["${var.files.arn}/t/*", "${var.files.arn}/check/*"]
  }
  statement {
    sid       = "WhatIsThere"
    actions   = ["s3:ListBucket", "s3:ListBucketMultipartUploads"]
    resources = [var.files.arn]
  }
  statement {
    sid       = "FilesAtRest"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [var.key_arn]
  }
  statement {
    sid       = "Metrics"
    actions   = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.metrics.arn}:*"]
  }
}

resource "aws_iam_role_policy" "task" {
  role   = aws_iam_role.task.id
  policy = data.aws_iam_policy_document.task.json
}

# ---- The load balancer

resource "aws_security_group" "balancer" {
  name        = "${var.name}-balancer"
  description = "The load balancer, for CloudFront"
  vpc_id      = var.vpc_id
}

resource "aws_vpc_security_group_ingress_rule" "balancer" {
  security_group_id = aws_security_group.balancer.id
  description       = "CloudFront"
  prefix_list_id    = data.aws_ec2_managed_prefix_list.cloudfront.id
  ip_protocol       = "tcp"
  from_port         = 80
  to_port           = 80
}

resource "aws_vpc_security_group_egress_rule" "balancer" {
  security_group_id            = aws_security_group.balancer.id
  description                  = "The API"
  referenced_security_group_id = aws_security_group.api.id
  ip_protocol                  = "tcp"
  from_port                    = local.port
  to_port                      = local.port
}

resource "aws_lb" "this" {
  name                       = "${var.name}-api"
  internal                   = true # CloudFront comes through the VPC; TLS ends there
  load_balancer_type         = "application"
  subnets                    = var.subnet_ids
  security_groups            = [aws_security_group.balancer.id]
  drop_invalid_header_fields = true
  idle_timeout               = 120 # streams of events speak every 15 s
  enable_deletion_protection = var.deletion_protection
}

resource "aws_lb_target_group" "this" {
  name                 = "${var.name}-api"
  vpc_id               = var.vpc_id
  target_type          = "ip"
  protocol             = "HTTP"
  port                 = local.port
  deregistration_delay = 60
  health_check {
    path                = "/readyz"
    interval            = 10
    timeout             = 5
    healthy_threshold   = 2
    unhealthy_threshold = 2
  }
}

resource "aws_lb_listener" "this" {
  load_balancer_arn = aws_lb.this.arn
  protocol          = "HTTP"
  port              = 80
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.this.arn
  }
}

# ---- The service

resource "aws_security_group" "api" {
  name        = "${var.name}-api"
  description = "The API"
  vpc_id      = var.vpc_id
}

resource "aws_vpc_security_group_ingress_rule" "api" {
  security_group_id            = aws_security_group.api.id
  description                  = "The load balancer"
  referenced_security_group_id = aws_security_group.balancer.id
  ip_protocol                  = "tcp"
  from_port                    = local.port
  to_port                      = local.port
}

resource "aws_vpc_security_group_egress_rule" "https" {
  security_group_id = aws_security_group.api.id
  description       = "S3, the registry, secrets and logs"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

resource "aws_vpc_security_group_egress_rule" "servers" {
  for_each                     = var.servers
  security_group_id            = aws_security_group.api.id
  description                  = each.key
  referenced_security_group_id = each.value.id
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
}

resource "aws_vpc_security_group_ingress_rule" "servers" {
  for_each                     = var.servers
  security_group_id            = each.value.id
  description                  = "The API"
  referenced_security_group_id = aws_security_group.api.id
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
}

resource "aws_ecs_task_definition" "this" {
  family                   = "${var.name}-api"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = var.size.cpu
  memory                   = var.size.memory_mib
  execution_role_arn       = var.execution_role_arn
  task_role_arn            = aws_iam_role.task.arn
  runtime_platform {
    cpu_architecture        = "X86_64"
    operating_system_family = "LINUX"
  }
  container_definitions = jsonencode([
    # Migrations only add, so that the version that still runs goes on. Tasks that start together wait for each other.
    merge(local.hardened, {
      name             = "migrate"
      image            = var.image
      command          = ["migrate"]
      essential        = false
      secrets          = [for s in local.secrets : s if s.name == "MESHGEN_DATABASE_URL"]
      logConfiguration = local.log
    }),
    merge(local.hardened, {
      name             = "api"
      image            = var.image
      command          = ["serve"]
      essential        = true
      dependsOn        = [{ containerName = "migrate", condition = "SUCCESS" }]
      environment      = [for name, value in local.environment : { name = name, value = value }]
      secrets          = local.secrets
      portMappings     = [{ containerPort = local.port, protocol = "tcp" }]
      healthCheck      = { command = ["CMD", "/api", "healthcheck"], interval = 10, timeout = 5, retries = 6, startPeriod = 60 }
      stopTimeout      = 90 # MESHGEN_STOP_DELAY and MESHGEN_STOP_TIMEOUT
      logConfiguration = local.log
    }),
    {
      name             = "collector"
      image            = var.collector_image
      essential        = false
      environment      = [{ name = "AOT_CONFIG_CONTENT", value = local.collector }]
      logConfiguration = local.log
    },
  ])
}

resource "aws_ecs_service" "this" {
  name                               = "${var.name}-api"
  cluster                            = var.cluster.arn
  task_definition                    = aws_ecs_task_definition.this.arn
  desired_count                      = var.size.tasks
  deployment_minimum_healthy_percent = 100
  deployment_maximum_percent         = 200
  health_check_grace_period_seconds  = 60
  availability_zone_rebalancing      = "ENABLED"
  capacity_provider_strategy {
    capacity_provider = "FARGATE"
    weight            = 1
  }
  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }
  network_configuration {
    subnets          = var.subnet_ids
    security_groups  = [aws_security_group.api.id]
    assign_public_ip = false
  }
  load_balancer {
    target_group_arn = aws_lb_target_group.this.arn
    container_name   = "api"
    container_port   = local.port
  }
  depends_on = [aws_lb_listener.this, aws_iam_role_policy.task]
  lifecycle {
    ignore_changes = [desired_count] # scaling's
  }
}

resource "aws_appautoscaling_target" "this" {
  service_namespace  = "ecs"
  resource_id        = "service/${var.cluster.name}/${aws_ecs_service.this.name}"
  scalable_dimension = "ecs:service:DesiredCount"
  min_capacity       = var.size.tasks
  max_capacity       = var.size.max_tasks
}

resource "aws_appautoscaling_policy" "cpu" {
  name               = "${var.name}-api-cpu"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.this.service_namespace
  resource_id        = aws_appautoscaling_target.this.resource_id
  scalable_dimension = aws_appautoscaling_target.this.scalable_dimension
  target_tracking_scaling_policy_configuration {
    target_value = 60
    predefined_metric_specification {
      predefined_metric_type = "ECSServiceAverageCPUUtilization"
    }
  }
}
