variable "name" {
  description = "Begins the name of everything."
  type        = string
}

variable "page_origins" {
  description = "Origins of the page, such as https://mesh.example.com, that may use presigned URLs."
  type        = list(string)
}
