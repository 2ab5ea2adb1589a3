# What the command line says.
command-problem = Dòng { $row }, cột “{ $column }”: { $why }
command-problem-value = Dòng { $row }, cột “{ $column }”, ghi «{ $value }»: { $why }
command-row-new = Dòng { $row }: mới — { $name }
command-row-changed = Dòng { $row }: thay đổi — { $name } ({ $fields })
command-columns-left-out = Các cột không dùng đến: { $columns }
command-sum = { $new } mới, { $changed } thay đổi, { $same } giữ nguyên, { $wrong } lỗi; { $ending }
command-nothing-taken = chưa nhập gì: hãy sửa bảng rồi thử lại
command-dry-run = chạy thử: chưa nhập gì
command-taken = đã nhập
command-nothing-registered = Sổ còn trống: hãy chạy `canh serve` một lần trước
command-source-bad = --source là một trong: directory, dhcp, anti-malware, staff, other
command-count-stood = Đã có đúng số này từ trước
command-count-recorded = Đã ghi nhận
command-count-dry = Chạy thử: chưa ghi gì
command-body-unknown = Không có đơn vị mang mã hoặc tên «{ $body }»; hãy xem lại trong sổ đơn vị
command-body-ambiguous = Nhiều đơn vị mang tên «{ $body }»: hãy ghi mã
