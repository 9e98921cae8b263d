terraform {
  required_version = ">= 1.11" # write-only arguments: no password of the database is in the state

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}
