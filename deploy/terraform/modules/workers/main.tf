# A pool of workers on EC2: machines that ECS adds as tasks need them, and tasks that are added as jobs wait.

data "aws_region" "here" {}

# Bottlerocket, whose kernel is 6.12 with Landlock: engines shut themselves in with it, and do not start without.
data "aws_ssm_parameter" "image" {
  name = var.machines.image_parameter
}

locals {
  full = "${var.name}-worker-${var.pool}"
  # What a job may take at most, and a minute to fetch and upload.
  drain_minutes = 31
  environment = merge(var.environment, {
    MESHGEN_SCRATCH       = "/scratch"
    MESHGEN_ENGINES       = tostring(var.size.engines) # the processor's count is the machine's, not the task's
    MESHGEN_THREADS       = tostring(var.size.threads)
    MESHGEN_ENGINE_SPARES = "1"
    MESHGEN_CACHE_BYTES   = "${var.size.cache_gib}GiB"
    MESHGEN_DRAIN         = "${local.drain_minutes}m"
  })
  settings = <<-TOML
    [settings.ecs]
    cluster = "${var.cluster.name}"
    container-stop-timeout = "${local.drain_minutes + 1}m"
    image-pull-behavior = "prefer-cached"
    [settings.host-containers.admin]
    enabled = false
  TOML
}

resource "aws_cloudwatch_log_group" "this" {
  name              = "/${var.name}/worker-${var.pool}"
  retention_in_days = var.log_days
}

# ---- Machines

data "aws_iam_policy_document" "ec2" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "machine" {
  name               = "${local.full}-machine"
  assume_role_policy = data.aws_iam_policy_document.ec2.json
}

resource "aws_iam_role_policy_attachment" "machine" {
  for_each = toset([
    "arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role",
    "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore", # a shell without SSH
  ])
  role       = aws_iam_role.machine.name
  policy_arn = each.value
}

resource "aws_iam_instance_profile" "machine" {
  name = "${local.full}-machine"
  role = aws_iam_role.machine.name
}

resource "aws_launch_template" "this" {
  name                   = local.full
  image_id               = data.aws_ssm_parameter.image.insecure_value
  update_default_version = true
  user_data              = base64encode(local.settings)
  vpc_security_group_ids = [aws_security_group.this.id]
  iam_instance_profile {
    arn = aws_iam_instance_profile.machine.arn
  }
  metadata_options {
    http_tokens                 = "required"
    http_put_response_hop_limit = 1 # tasks have a role of their own and do not get the machine's
  }
  block_device_mappings {
    device_name = "/dev/xvdb" # images and scratch folders
    ebs {
      volume_size           = var.machines.disk_gib
      volume_type           = "gp3"
      encrypted             = true
      delete_on_termination = true
    }
  }
  block_device_mappings {
    device_name = "/dev/xvda"
    ebs {
      volume_size           = 4
      volume_type           = "gp3"
      encrypted             = true
      delete_on_termination = true
    }
  }
  tag_specifications {
    resource_type = "instance"
    tags          = { Name = local.full }
  }
}

resource "aws_autoscaling_group" "this" {
  name                  = local.full
  min_size              = 0
  max_size              = var.size.max_tasks
  vpc_zone_identifier   = var.subnet_ids
  protect_from_scale_in = true # ECS takes it away once no task is left
  mixed_instances_policy {
    instances_distribution {
      on_demand_base_capacity                  = var.size.min_tasks
      on_demand_percentage_above_base_capacity = var.machines.spot ? 0 : 100
      spot_allocation_strategy                 = "price-capacity-optimized"
    }
    launch_template {
      launch_template_specification {
        launch_template_id = aws_launch_template.this.id
        version            = aws_launch_template.this.latest_version
      }
      dynamic "override" {
        for_each = var.machines.instance_types
        content {
          instance_type = override.value
        }
      }
    }
  }
  tag {
    key                 = "AmazonECSManaged"
    value               = "true"
    propagate_at_launch = true
  }
  lifecycle {
    ignore_changes = [desired_capacity] # the capacity provider's
  }
}

resource "aws_ecs_capacity_provider" "this" {
  name = local.full
  auto_scaling_group_provider {
    auto_scaling_group_arn         = aws_autoscaling_group.this.arn
    managed_termination_protection = "ENABLED"
    managed_draining               = "ENABLED"
    managed_scaling {
      status                 = "ENABLED"
      target_capacity        = 100
      instance_warmup_period = 60
    }
  }
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
  name               = local.full
  assume_role_policy = data.aws_iam_policy_document.tasks.json
}

# A worker reads what tenants sent and writes what jobs have made. It also sweeps, so it may delete.
data "aws_iam_policy_document" "task" {
  statement {
    sid       = "Read"
    actions   = ["s3:GetObject", "s3:DeleteObject", "s3:AbortMultipartUpload"]
    resources = ["${var.files.arn}/t/*", "${var.files.arn}/check/*"]
  }
  statement {
    sid       = "WriteWhatJobsMake"
    actions   = ["s3:PutObject"]
    resources = ["${var.files.arn}/t/*/jobs/*", "${var.files.arn}/check/*"]
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
}

resource "aws_iam_role_policy" "task" {
  role   = aws_iam_role.task.id
  policy = data.aws_iam_policy_document.task.json
}

# ---- What it may reach: nothing reaches it

resource "aws_security_group" "this" {
  name        = local.full
  description = "Workers of the pool ${var.pool}, and their machines"
  vpc_id      = var.vpc_id
}

resource "aws_vpc_security_group_egress_rule" "https" {
  security_group_id = aws_security_group.this.id
  description       = "S3, the registry, ECS, secrets and logs"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

resource "aws_vpc_security_group_egress_rule" "servers" {
  for_each                     = var.servers
  security_group_id            = aws_security_group.this.id
  description                  = each.key
  referenced_security_group_id = each.value.id
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
}

resource "aws_vpc_security_group_ingress_rule" "servers" {
  for_each                     = var.servers
  security_group_id            = each.value.id
  description                  = local.full
  referenced_security_group_id = aws_security_group.this.id
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
}

# ---- The service

resource "aws_ecs_task_definition" "this" {
  family                   = local.full
  requires_compatibilities = ["EC2"]
  network_mode             = "awsvpc"
  cpu                      = var.size.cpu
  memory                   = var.size.memory_mib
  execution_role_arn       = var.execution_role_arn
  task_role_arn            = aws_iam_role.task.arn
  volume {
    name = "scratch" # of the task: it goes with it
    docker_volume_configuration {
      scope  = "task"
      driver = "local"
    }
  }
  container_definitions = jsonencode([{
    name                   = "worker"
    image                  = var.image
    essential              = true
    user                   = "65532:65532"
    readonlyRootFilesystem = true
    linuxParameters        = { capabilities = { drop = ["ALL"] }, initProcessEnabled = true }
    dockerSecurityOptions  = ["no-new-privileges"]
    environment            = [for name, value in local.environment : { name = name, value = value }]
    secrets                = [for name, arn in var.secret_arns : { name = name, valueFrom = arn }]
    mountPoints            = [{ sourceVolume = "scratch", containerPath = "/scratch", readOnly = false }]
    resourceRequirements   = var.size.gpus > 0 ? [{ type = "GPU", value = tostring(var.size.gpus) }] : []
    # ECS replaces a task that is not well, so a Redis that is away is given half an hour.
    healthCheck = { command = ["CMD", "worker", "healthcheck"], interval = 300, timeout = 10, retries = 6, startPeriod = 120 }
    stopTimeout = (local.drain_minutes + 1) * 60
    logConfiguration = {
      logDriver = "awslogs"
      options = {
        awslogs-group         = aws_cloudwatch_log_group.this.name
        awslogs-region        = data.aws_region.here.name
        awslogs-stream-prefix = "worker"
      }
    }
  }])
}

resource "aws_ecs_service" "this" {
  name                               = local.full
  cluster                            = var.cluster.arn
  task_definition                    = aws_ecs_task_definition.this.arn
  desired_count                      = var.size.min_tasks
  deployment_minimum_healthy_percent = 100
  deployment_maximum_percent         = 200
  capacity_provider_strategy {
    capacity_provider = aws_ecs_capacity_provider.this.name
    weight            = 1
  }
  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }
  network_configuration {
    subnets          = var.subnet_ids
    security_groups  = [aws_security_group.this.id]
    assign_public_ip = false
  }
  ordered_placement_strategy {
    type  = "binpack" # machines that run empty go
    field = "memory"
  }
  depends_on = [aws_iam_role_policy.task, aws_iam_role_policy_attachment.machine]
  lifecycle {
    ignore_changes = [desired_count] # scaling's
  }
}

# ---- Scaling on the age of the queue: people wait, so workers come; nobody has waited for a while, so one goes

resource "aws_appautoscaling_target" "this" {
  service_namespace  = "ecs"
  resource_id        = "service/${var.cluster.name}/${aws_ecs_service.this.name}"
  scalable_dimension = "ecs:service:DesiredCount"
  min_capacity       = var.size.min_tasks
  max_capacity       = var.size.max_tasks
}

resource "aws_appautoscaling_policy" "out" {
  name               = "${local.full}-out"
  policy_type        = "StepScaling"
  service_namespace  = aws_appautoscaling_target.this.service_namespace
  resource_id        = aws_appautoscaling_target.this.resource_id
  scalable_dimension = aws_appautoscaling_target.this.scalable_dimension
  step_scaling_policy_configuration {
    adjustment_type          = "PercentChangeInCapacity"
    min_adjustment_magnitude = 1
    metric_aggregation_type  = "Maximum"
    cooldown                 = 120
    step_adjustment {
      metric_interval_lower_bound = 0
      metric_interval_upper_bound = 45
      scaling_adjustment          = 25
    }
    step_adjustment {
      metric_interval_lower_bound = 45
      scaling_adjustment          = 100
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "out" {
  alarm_name          = "${local.full}-jobs-wait"
  alarm_description   = "A job has waited for ${var.scale_out_seconds} s: workers are added."
  namespace           = var.name
  metric_name         = "meshgen_oldest_job_seconds"
  statistic           = "Maximum"
  period              = 60
  evaluation_periods  = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = var.scale_out_seconds
  treat_missing_data  = "ignore"
  alarm_actions       = [aws_appautoscaling_policy.out.arn]
}

resource "aws_appautoscaling_policy" "in" {
  name               = "${local.full}-in"
  policy_type        = "StepScaling"
  service_namespace  = aws_appautoscaling_target.this.service_namespace
  resource_id        = aws_appautoscaling_target.this.resource_id
  scalable_dimension = aws_appautoscaling_target.this.scalable_dimension
  step_scaling_policy_configuration {
    adjustment_type         = "ChangeInCapacity"
    metric_aggregation_type = "Maximum"
    cooldown                = 600
    step_adjustment {
      metric_interval_upper_bound = 0
      scaling_adjustment          = -1
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "in" {
  alarm_name          = "${local.full}-nobody-waits"
  alarm_description   = "No job has waited for 15 minutes: a worker goes, once its jobs have ended."
  namespace           = var.name
  metric_name         = "meshgen_oldest_job_seconds"
  statistic           = "Maximum"
  period              = 300
  evaluation_periods  = 3
  comparison_operator = "LessThanOrEqualToThreshold"
  threshold           = 1
  treat_missing_data  = "ignore"
  alarm_actions       = [aws_appautoscaling_policy.in.arn]
}
