# Postgres, which is the truth; Redis, which is a doorbell and may forget; and their secrets.

# ---- Postgres

# Made at apply, written to the database and to the secret, and nowhere else: neither in the plan nor in the state.
ephemeral "aws_secretsmanager_random_password" "database" {
  password_length     = 40
  exclude_punctuation = true # it becomes part of a URL
}

resource "aws_db_subnet_group" "this" {
  name       = var.name
  subnet_ids = var.subnet_ids
}

resource "aws_security_group" "postgres" {
  name        = "${var.name}-postgres"
  description = "Postgres, for those who may reach it"
  vpc_id      = var.vpc_id
}

resource "aws_db_parameter_group" "this" {
  name   = "${var.name}-postgres17"
  family = "postgres17"
  parameter {
    name  = "rds.force_ssl"
    value = "1"
  }
  parameter {
    name  = "log_min_duration_statement"
    value = "1000"
  }
}

resource "aws_db_instance" "this" {
  identifier     = var.name
  engine         = "postgres"
  engine_version = "17"
  instance_class = var.database.instance_class

  allocated_storage     = var.database.storage_gib
  max_allocated_storage = var.database.storage_gib * 10
  storage_type          = "gp3"
  storage_encrypted     = true
  kms_key_id            = var.key_arn

  db_name             = "meshgen"
  username            = "meshgen"
  password_wo         = ephemeral.aws_secretsmanager_random_password.database.random_password
  password_wo_version = var.password_version

  db_subnet_group_name   = aws_db_subnet_group.this.name
  vpc_security_group_ids = [aws_security_group.postgres.id]
  parameter_group_name   = aws_db_parameter_group.this.name
  publicly_accessible    = false
  multi_az               = var.database.multi_az

  backup_retention_period         = var.database.backup_days
  copy_tags_to_snapshot           = true
  deletion_protection             = var.deletion_protection
  skip_final_snapshot             = !var.deletion_protection
  final_snapshot_identifier       = "${var.name}-final"
  auto_minor_version_upgrade      = true
  performance_insights_enabled    = true
  performance_insights_kms_key_id = var.key_arn
  enabled_cloudwatch_logs_exports = ["postgresql"]
}

resource "aws_secretsmanager_secret" "database_url" {
  name                    = "${var.name}/database-url"
  kms_key_id              = var.key_arn
  recovery_window_in_days = 7
}

resource "aws_secretsmanager_secret_version" "database_url" {
  secret_id                = aws_secretsmanager_secret.database_url.id
  secret_string_wo         = "postgres://meshgen:${ephemeral.aws_secretsmanager_random_password.database.random_password}@${aws_db_instance.this.endpoint}/meshgen?sslmode=require"
  secret_string_wo_version = var.password_version
}

# ---- Redis

# ElastiCache takes no write-only token, so this one is in the state: keep that encrypted. It is made once.
data "aws_secretsmanager_random_password" "redis" {
  password_length     = 40
  exclude_punctuation = true
}

resource "terraform_data" "redis_token" {
  input = data.aws_secretsmanager_random_password.redis.random_password
  lifecycle {
    ignore_changes = [input] # another one is read with each plan
  }
}

resource "aws_elasticache_subnet_group" "this" {
  name       = var.name
  subnet_ids = var.subnet_ids
}

resource "aws_security_group" "redis" {
  name        = "${var.name}-redis"
  description = "Redis, for those who may reach it"
  vpc_id      = var.vpc_id
}

resource "aws_elasticache_parameter_group" "this" {
  name   = "${var.name}-redis7"
  family = "redis7"
  parameter { # a bell that was dropped in silence would be a job that waits
    name  = "maxmemory-policy"
    value = "noeviction"
  }
}

# ElastiCache has no append-only file. A replica and a daily snapshot stand for it: a second of bells may be lost, and the
# reconciler rings again for what Postgres says is queued.
resource "aws_elasticache_replication_group" "this" {
  replication_group_id       = var.name
  description                = "Bells and events of ${var.name}"
  engine                     = "redis"
  engine_version             = "7.1"
  node_type                  = var.redis.node_type
  num_cache_clusters         = 1 + var.redis.replicas
  automatic_failover_enabled = var.redis.replicas > 0
  multi_az_enabled           = var.redis.replicas > 0
  parameter_group_name       = aws_elasticache_parameter_group.this.name
  subnet_group_name          = aws_elasticache_subnet_group.this.name
  security_group_ids         = [aws_security_group.redis.id]
  at_rest_encryption_enabled = true
  kms_key_id                 = var.key_arn
  transit_encryption_enabled = true
  auth_token                 = terraform_data.redis_token.output
  snapshot_retention_limit   = 1
  auto_minor_version_upgrade = true
}

resource "aws_secretsmanager_secret" "redis_url" {
  name                    = "${var.name}/redis-url"
  kms_key_id              = var.key_arn
  recovery_window_in_days = 7
}

resource "aws_secretsmanager_secret_version" "redis_url" {
  secret_id     = aws_secretsmanager_secret.redis_url.id
  secret_string = "rediss://:${terraform_data.redis_token.output}@${aws_elasticache_replication_group.this.primary_endpoint_address}:6379/0"
}
