# Kho sự kiện: lệnh `canh lake`.

lake-log = Nhật ký nhận: { $batches } lô, { $records } dòng.
lake-log-damage = Nhật ký nhận hỏng tại { $at }: { $bytes } byte không đọc được.
lake-table = Kho sự kiện: { $files } tệp, { $events } sự kiện.
lake-wrong = Hỏng: { $what }
lake-gap = Giữa { $from } và { $to } không có tệp nào: một tệp đã mất.
lake-whole = Mọi byte đúng như khi được ghi.
lake-broken = Kho không nguyên vẹn: giữ nguyên hiện trạng, lấy lại các tệp nêu trên từ bản sao lưu.
