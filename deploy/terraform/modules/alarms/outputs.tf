output "topic_arn" {
  description = "Where alarms are said, for more who should be told."
  value       = aws_sns_topic.this.arn
}
