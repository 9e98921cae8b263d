# What somebody should be told of. docs/operations.md says what to do.

data "aws_caller_identity" "here" {}

locals {
  alarms = {
    jobs-wait = {
      says       = "The oldest job has waited for more than 10 minutes."
      namespace  = var.name
      metric     = "meshgen_oldest_job_seconds"
      statistic  = "Maximum"
      threshold  = 600
      dimensions = {}
    }
    no-metrics = {
      says       = "The API has reported no queue for 10 minutes."
      namespace  = var.name
      metric     = "meshgen_oldest_job_seconds"
      statistic  = "SampleCount"
      threshold  = 1
      below      = true
      missing    = "breaching"
      dimensions = {}
    }
    api-errors = {
      says       = "The API answers with 5xx."
      namespace  = "AWS/ApplicationELB"
      metric     = "HTTPCode_Target_5XX_Count"
      statistic  = "Sum"
      threshold  = 20
      dimensions = { LoadBalancer = var.balancer.suffix }
    }
    api-away = {
      says       = "No task of the API is well."
      namespace  = "AWS/ApplicationELB"
      metric     = "HealthyHostCount"
      statistic  = "Maximum"
      threshold  = 1
      below      = true
      missing    = "breaching"
      dimensions = { LoadBalancer = var.balancer.suffix, TargetGroup = var.balancer.target_suffix }
    }
    postgres-disk = {
      says       = "Postgres has less than 5 GiB left."
      namespace  = "AWS/RDS"
      metric     = "FreeStorageSpace"
      statistic  = "Minimum"
      threshold  = 5 * 1024 * 1024 * 1024
      below      = true
      dimensions = { DBInstanceIdentifier = var.database_id }
    }
    postgres-cpu = {
      says       = "Postgres is busy to 80 %."
      namespace  = "AWS/RDS"
      metric     = "CPUUtilization"
      statistic  = "Average"
      threshold  = 80
      dimensions = { DBInstanceIdentifier = var.database_id }
    }
    redis-memory = {
      says       = "Redis is full to 80 %: at 100 % it refuses bells."
      namespace  = "AWS/ElastiCache"
      metric     = "DatabaseMemoryUsagePercentage"
      statistic  = "Maximum"
      threshold  = 80
      dimensions = { CacheClusterId = var.redis_ids[0] }
    }
  }
}

resource "aws_sns_topic" "this" {
  name              = "${var.name}-alarms"
  kms_master_key_id = var.key_arn
}

data "aws_iam_policy_document" "topic" {
  statement {
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.this.arn]
    principals {
      type        = "Service"
      identifiers = ["cloudwatch.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.here.account_id]
    }
  }
}

resource "aws_sns_topic_policy" "this" {
  arn    = aws_sns_topic.this.arn
  policy = data.aws_iam_policy_document.topic.json
}

resource "aws_sns_topic_subscription" "email" {
  for_each  = toset(var.emails)
  topic_arn = aws_sns_topic.this.arn
  protocol  = "email"
  endpoint  = each.value
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each            = local.alarms
  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.says
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = each.value.statistic
  period              = 300
  evaluation_periods  = 2
  comparison_operator = try(each.value.below, false) ? "LessThanThreshold" : "GreaterThanOrEqualToThreshold"
  threshold           = each.value.threshold
  treat_missing_data  = try(each.value.missing, "missing")
  alarm_actions       = [aws_sns_topic.this.arn]
  ok_actions          = [aws_sns_topic.this.arn]
}

resource "aws_cloudwatch_metric_alarm" "workers" {
  for_each            = var.worker_services
  alarm_name          = "${var.name}-no-worker-${each.key}"
  alarm_description   = "No worker of the pool ${each.key} runs."
  namespace           = "ECS/ContainerInsights"
  metric_name         = "RunningTaskCount"
  dimensions          = { ClusterName = var.cluster_name, ServiceName = each.value }
  statistic           = "Maximum"
  period              = 300
  evaluation_periods  = 2
  comparison_operator = "LessThanThreshold"
  threshold           = 1
  treat_missing_data  = "breaching"
  alarm_actions       = [aws_sns_topic.this.arn]
  ok_actions          = [aws_sns_topic.this.arn]
}
