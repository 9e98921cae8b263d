output "secret_arns" {
  description = "Secrets, by the variable that they are for."
  value = {
    MESHGEN_DATABASE_URL = aws_secretsmanager_secret.database_url.arn
    MESHGEN_REDIS_URL    = aws_secretsmanager_secret.redis_url.arn
  }
  depends_on = [aws_secretsmanager_secret_version.database_url, aws_secretsmanager_secret_version.redis_url]
}

output "security_groups" {
  description = "Who may reach a server says so in its group, by port."
  value = {
    postgres = { id = aws_security_group.postgres.id, port = 5432 }
    redis    = { id = aws_security_group.redis.id, port = 6379 }
  }
}

output "database_id" {
  description = "Postgres, for alarms."
  value       = aws_db_instance.this.identifier
}

output "redis_ids" {
  description = "The nodes of Redis, for alarms."
  value       = tolist(aws_elasticache_replication_group.this.member_clusters)
}
