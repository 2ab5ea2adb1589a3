## frame: every page
frame-skip = Đến nội dung chính
frame-nav = Điều hướng
frame-live = Trực tiếp
frame-switch = Làm việc cho
frame-search = Tìm đơn vị, văn bản, hệ thống…
frame-left = Còn lại
frame-lang = English
frame-theme = Giao diện sáng, tối
frame-theme-light = Sáng
frame-theme-dark = Tối
frame-theme-auto = Theo máy
frame-account = Tài khoản của tôi
frame-keys = Phím tắt
frame-logout = Đăng xuất
frame-key-search = Tìm
frame-key-rows = Dòng dưới, dòng trên
frame-key-cells = Ô trái, ô phải
frame-key-open = Mở
frame-key-help = Bảng phím tắt này
frame-key-close = Đóng, thôi gõ
frame-close = Đóng
frame-pages = Các trang của danh sách
frame-prev = Trang trước
frame-next = Trang sau
frame-filter = Lọc
frame-optional = không bắt buộc
frame-copy = Chép

## frame: sections
frame-board = Bảng điều hành
frame-orders = Chỉ đạo
frame-tasks = Việc của tôi
frame-requests = Yêu cầu
frame-register = Hệ thống
frame-audit = Nhật ký kiểm toán
frame-admin = Quản trị

## error: what went wrong and what to do
error-not-found = Không có trang này, hoặc bạn không có quyền xem
error-sign-in = Hãy đăng nhập trước
error-forbidden = Bạn không có quyền làm việc này
error-csrf = Biểu mẫu đã hết hiệu lực. Hãy tải lại trang rồi gửi lại
error-unreadable = Yêu cầu không đúng định dạng
error-unsupported = Kiểu nội dung này không được nhận
error-invalid = Có chỗ cần sửa
error-stale = Người khác vừa sửa mục này. Hãy tải lại trang rồi làm lại
error-too-large = Tệp hoặc biểu mẫu quá lớn
error-too-many = Quá nhiều lần thử. Hãy đợi một lát
error-wrong-method = Địa chỉ này không nhận kiểu yêu cầu đó
error-internal = Lỗi của hệ thống. Việc của bạn chưa được ghi lại
error-duplicate = Mục này đã có
error-operation = Khi báo lỗi, hãy nêu mã:
error-home = Về trang đầu
