callout-log = Diễn biến lượt gọi
