output "balancer" {
  description = "The load balancer, for CloudFront and for alarms."
  value       = { arn = aws_lb.this.arn, dns_name = aws_lb.this.dns_name, suffix = aws_lb.this.arn_suffix, target_suffix = aws_lb_target_group.this.arn_suffix }
}

output "service_name" {
  description = "The ECS service."
  value       = aws_ecs_service.this.name
}
