output "capacity_provider" {
  description = "What the cluster has to know of."
  value       = aws_ecs_capacity_provider.this.name
}

output "service_name" {
  description = "The ECS service."
  value       = aws_ecs_service.this.name
}
