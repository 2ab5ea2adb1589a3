# Thư của Canh – tiếng Việt là nguồn.
# Mỗi mẫu: .subject (một dòng), .body (toàn văn; dòng trống ngăn đoạn; "- Nhãn: giá trị" thành bảng),
# .action (chữ trên nút, nếu mẫu có liên kết). Biến tùy chọn x đi kèm has-x = yes/no.

frame =
    .footer =
        Thư do hệ thống Canh của { $centre } gửi tự động; xin không trả lời trực tiếp thư này.
        { $has-contact ->
            [yes] Cần xác minh hoặc hỗ trợ, xin liên hệ: { $contact }.
           *[no] Cần xác minh hoặc hỗ trợ, xin liên hệ { $centre } theo đầu mối đã biết.
        }
    .brief = Có việc cần ông/bà xử lý trên hệ thống Canh của { $centre }. Xin mở Canh để xem nội dung.
    .acknowledge = Tôi nhận việc này
    .escalate = Tôi không nhận được, gọi người kế tiếp
    .linked = Đã nối cuộc trò chuyện này với { $person } trên hệ thống Canh. Từ nay thông báo trực được gửi tới đây.
    .link-failed = Mã này không đúng, đã dùng hoặc đã hết hiệu lực. Xin mở trang kênh liên lạc của ông/bà trên Canh và lấy mã mới.
    .taken = { $person } đã nhận lúc { $at }
    .came-right = Đã tự trở lại bình thường lúc { $at }
    .passed = Đã chuyển, đang gọi người kế tiếp
    .nobody = Không còn ai để gọi tiếp; xin nhận việc này hoặc gọi điện cho cấp trên
    .over = Việc này đã kết thúc, không cần làm gì nữa
    .unknown = Nút này không còn hiệu lực
    .check-in = Điểm danh nhận ca
    .checked-in = { $person } đã điểm danh lúc { $at }
    .not-on-duty = Lúc này không có ca trực của ông/bà để điểm danh; xin xem lịch trực trên Canh
    .press = Bấm phím { $acknowledge } để nhận việc. Bấm phím { $escalate } để gọi người kế tiếp.

invitation =
    .subject = Mã đăng nhập lần đầu vào hệ thống Canh – { $body }
    .body =
        Kính gửi ông/bà { $person },

        { $inviter } đã lập tài khoản cho ông/bà trên hệ thống Canh để thực hiện nhiệm vụ bảo đảm an ninh mạng của { $body }.

        Mã đăng nhập lần đầu:

        { $code }

        Mã chỉ dùng được một lần và có hiệu lực đến { $expires }. Khi đăng nhập, ông/bà sẽ đặt mật khẩu và bật xác thực hai lớp.

        { $link }

        Xin không chuyển tiếp thư này và không cung cấp mã cho bất kỳ ai, kể cả người tự xưng là cán bộ kỹ thuật.
    .action = Đăng nhập lần đầu

assignment-issued =
    .subject = Giao nhiệm vụ: { $order }
    .body =
        Kính gửi { $body },

        { $issuer } giao quý đơn vị thực hiện các nhiệm vụ sau đây:

        - Chỉ đạo: { $order }
        - Đơn vị giao: { $issuer }
        - Thời gian áp dụng: { $window }
        - Số nhiệm vụ: { $duties }
        { $has-due ->
            [yes] - Hạn hoàn thành: { $due }
           *[no] - Hạn hoàn thành: văn bản không ghi
        }
        { $has-contact ->
            [yes] - Đầu mối hỗ trợ: { $contact }
           *[no] - Đầu mối hỗ trợ: văn bản không ghi
        }

        Đề nghị quý đơn vị tiếp nhận, xác nhận và tổ chức thực hiện. Vướng mắc xin nêu ngay trên trang nhiệm vụ để được giải đáp.

        { $link }
    .action = Mở nhiệm vụ

reminder-acknowledge =
    .subject = Đôn đốc xác nhận: { $order }
    .body =
        Kính gửi { $body },

        Đến nay quý đơn vị chưa xác nhận tiếp nhận chỉ đạo sau đây:

        - Chỉ đạo: { $order }
        - Đơn vị giao: { $issuer }
        - Đã giao từ: { $since }
        { $has-due ->
            [yes] - Hạn hoàn thành: { $due }
           *[no] - Hạn hoàn thành: văn bản không ghi
        }

        Đề nghị thủ trưởng đơn vị xem và xác nhận. Nếu có khó khăn, xin nêu trên trang nhiệm vụ.

        { $link }
    .action = Xem và xác nhận

reminder-duties =
    .subject = Đôn đốc thực hiện: { $order }
    .body =
        Kính gửi { $body },

        Quý đơn vị còn { $pending } nhiệm vụ chưa đạt trong chỉ đạo sau đây:

        - Chỉ đạo: { $order }
        - Đơn vị giao: { $issuer }
        - Hạn hoàn thành: { $due }

        Đề nghị quý đơn vị hoàn thành và gửi minh chứng đúng hạn. Nếu có khó khăn, xin nêu trên trang nhiệm vụ.

        { $link }
    .action = Xem việc còn thiếu

overdue-escalation =
    .subject = Quá hạn: { $order } – { $body }
    .body =
        Kính gửi ông/bà { $person },

        { $body } có { $overdue } nhiệm vụ đã quá hạn mà chưa đạt. Thư này gửi tới ông/bà với trách nhiệm người đứng đầu.

        - Chỉ đạo: { $order }
        - Đơn vị giao: { $issuer }
        - Hạn hoàn thành: { $due }

        Đề nghị ông/bà chỉ đạo thực hiện ngay, hoặc nêu lý do chưa thực hiện được trên trang nhiệm vụ.

        { $link }
    .action = Xem nhiệm vụ quá hạn

quick-report-due =
    .subject = Báo cáo nhanh kỳ { $round }: { $body }
    .body =
        Kính gửi { $body },

        Đã đến kỳ báo cáo nhanh { $round } theo chỉ đạo "{ $order }". Canh đã điền sẵn những gì đã biết; chỉ cần xem và xác nhận, kể cả khi không có sự cố.

        - Hạn xác nhận: { $due }

        Liên kết sau dành riêng cho người nhận thư, dùng một lần. Mở liên kết chưa phải là xác nhận.

        { $link }
    .action = Xem và xác nhận

quick-report-late =
    .subject = Quá hạn báo cáo nhanh kỳ { $round }: { $body }
    .body =
        Kính gửi { $body },

        Đã đến hạn nhưng chưa nhận được báo cáo nhanh kỳ { $round } của quý đơn vị theo chỉ đạo "{ $order }".

        - Hạn xác nhận: { $due }

        Đề nghị xác nhận ngay. Nếu không có sự cố, vẫn cần xác nhận "Không có sự cố".

        { $link }
    .action = Xác nhận ngay

quick-report-late-head =
    .subject = Đơn vị chưa báo cáo nhanh kỳ { $round }: { $body }
    .body =
        Kính gửi người đứng đầu { $body },

        Đơn vị của ông/bà chưa xác nhận báo cáo nhanh kỳ { $round } theo chỉ đạo "{ $order }", dù đã được nhắc.

        - Hạn xác nhận: { $due }

        Đề nghị ông/bà chỉ đạo xác nhận ngay, hoặc tự xác nhận bằng liên kết dưới đây. Sau đó đơn vị giao nhiệm vụ sẽ được báo.

        { $link }
    .action = Xem báo cáo

quick-report-late-superior =
    .subject = { $missing } đơn vị chưa báo cáo nhanh kỳ { $round }
    .body =
        Kính gửi ông/bà,

        Theo chỉ đạo "{ $order }", { $missing } đơn vị chưa xác nhận báo cáo nhanh kỳ { $round } dù đã được nhắc và đã báo người đứng đầu:

        { $bodies }

        - Hạn xác nhận: { $due }

        { $link }
    .action = Xem tổng hợp kỳ này

acknowledgement-link =
    .subject = Đề nghị xác nhận: { $order }
    .body =
        Kính gửi ông/bà { $person },

        Đề nghị ông/bà, với trách nhiệm người đứng đầu { $body }, đọc và xác nhận chỉ đạo sau đây:

        - Chỉ đạo: { $order }
        - Đơn vị giao: { $issuer }
        - Số nhiệm vụ: { $duties }
        { $has-due ->
            [yes] - Hạn hoàn thành: { $due }
           *[no] - Hạn hoàn thành: văn bản không ghi
        }

        Liên kết dưới đây dành riêng cho ông/bà, không cần đăng nhập, chỉ xác nhận được một lần và có hiệu lực đến { $expires }.

        { $link }

        Xin không chuyển tiếp thư này: việc xác nhận được ghi nhận theo tên của ông/bà.
    .action = Đọc và xác nhận

question-asked =
    .subject = Câu hỏi về: { $order }
    .body =
        { $asker } có câu hỏi hoặc nêu khó khăn về nhiệm vụ được giao:

        - Chỉ đạo: { $order }
        { $has-duty ->
            [yes] - Nhiệm vụ: { $duty }
           *[no] - Nhiệm vụ: toàn bộ chỉ đạo
        }

        { $question }

        Đề nghị trả lời trên trang nhiệm vụ, nơi hai bên cùng theo dõi.

        { $link }
    .action = Trả lời câu hỏi

question-answered =
    .subject = Trả lời về: { $order }
    .body =
        { $answerer } đã trả lời câu hỏi của quý đơn vị:

        - Chỉ đạo: { $order }
        { $has-duty ->
            [yes] - Nhiệm vụ: { $duty }
           *[no] - Nhiệm vụ: toàn bộ chỉ đạo
        }

        Câu hỏi:

        { $question }

        Trả lời:

        { $answer }

        { $link }
    .action = Xem trao đổi

evidence-returned =
    .subject = Minh chứng cần bổ sung: { $duty }
    .body =
        Kính gửi { $body },

        { $reviewer } đã xem minh chứng của quý đơn vị và đề nghị bổ sung:

        - Chỉ đạo: { $order }
        - Nhiệm vụ: { $duty }
        { $has-due ->
            [yes] - Hạn hoàn thành: { $due }
           *[no] - Hạn hoàn thành: văn bản không ghi
        }

        Lý do:

        { $reason }

        { $link }
    .action = Bổ sung minh chứng

evidence-accepted =
    .subject = Minh chứng được chấp nhận: { $duty }
    .body =
        Kính gửi { $body },

        Minh chứng của quý đơn vị đã được chấp nhận:

        - Chỉ đạo: { $order }
        - Nhiệm vụ: { $duty }
        - Người duyệt: { $reviewer }

        { $link }
    .action = Xem nhiệm vụ

inspection-announced =
    .subject = Thông báo kiểm tra an ninh mạng: { $at }
    .body =
        Kính gửi { $body },

        { $inspector } thông báo lịch kiểm tra công tác bảo đảm an ninh mạng tại quý đơn vị:

        - Thời gian: { $at }
        { $has-place ->
            [yes] - Địa điểm: { $place }
           *[no] - Địa điểm: trụ sở đơn vị
        }
        { $has-leader ->
            [yes] - Trưởng đoàn: { $leader }
           *[no] - Trưởng đoàn: chưa phân công
        }
        { $has-note ->
            [yes] - Đề nghị chuẩn bị: { $note }
           *[no] - Đề nghị chuẩn bị: hồ sơ, sổ sách theo bảng kiểm
        }

        Bảng kiểm và các thông tin khác có trên trang kiểm tra.

        { $link }
    .action = Mở trang kiểm tra

inspection-cancelled =
    .subject = Hủy lịch kiểm tra: { $at }
    .body =
        Kính gửi { $body },

        { $inspector } hủy cuộc kiểm tra đã thông báo vào { $at }.

        Lý do:

        { $reason }

        { $link }
    .action = Mở trang kiểm tra

inspection-done =
    .subject = Kết thúc kiểm tra, { $findings } nội dung cần khắc phục
    .body =
        Kính gửi { $body },

        { $inspector } đã kết thúc kiểm tra tại quý đơn vị.

        - Nội dung cần khắc phục: { $findings }

        Đề nghị quý đơn vị xem biên bản, khắc phục đúng hạn và gửi minh chứng trên trang kiểm tra.

        { $link }
    .action = Xem kết quả kiểm tra

finding-due =
    .subject = Sắp đến hạn khắc phục: { $due }
    .body =
        Kính gửi { $body },

        Nội dung sau đây do { $inspector } kiểm tra và ghi nhận sắp đến hạn khắc phục ({ $due }):

        { $finding }

        Khi đã khắc phục, xin báo kết quả kèm minh chứng.

        { $link }
    .action = Mở nội dung cần khắc phục

finding-overdue =
    .subject = Quá hạn khắc phục: { $due }
    .body =
        Kính gửi { $body },

        Nội dung sau đây do { $inspector } kiểm tra và ghi nhận đã quá hạn khắc phục ({ $due }):

        { $finding }

        Đề nghị khắc phục ngay và báo kết quả kèm minh chứng.

        { $link }
    .action = Mở nội dung cần khắc phục

finding-returned =
    .subject = Kết quả khắc phục cần bổ sung, hạn { $due }
    .body =
        Kính gửi { $body },

        { $inspector } đã xem kết quả khắc phục nội dung sau đây và đề nghị làm tiếp trước { $due }:

        { $finding }

        Lý do:

        { $reason }

        { $link }
    .action = Mở nội dung cần khắc phục

order-amended =
    .subject = Sửa đổi, bổ sung: { $order }
    .body =
        Kính gửi { $body },

        { $issuer } đã sửa đổi, bổ sung chỉ đạo đã giao quý đơn vị:

        - Chỉ đạo: { $order }
        { $has-due ->
            [yes] - Hạn hoàn thành: { $due }
           *[no] - Hạn hoàn thành: văn bản không ghi
        }

        Nội dung thay đổi:

        { $change }

        Đề nghị quý đơn vị xem lại nhiệm vụ và thực hiện theo nội dung mới.

        { $link }
    .action = Xem nội dung sửa đổi

order-cancelled =
    .subject = Thu hồi chỉ đạo: { $order }
    .body =
        Kính gửi { $body },

        { $issuer } đã thu hồi chỉ đạo đã giao quý đơn vị; quý đơn vị không phải thực hiện tiếp. Minh chứng đã gửi vẫn được lưu.

        - Chỉ đạo: { $order }

        Lý do:

        { $reason }

        { $link }
    .action = Xem chi tiết

channel-code =
    .subject = Mã xác minh kênh liên lạc của hệ thống Canh
    .short = Mã xác minh kênh liên lạc Canh: { $code }. Hiệu lực đến { $expires }.
    .body =
        Kính gửi ông/bà { $person },

        Mã xác minh địa chỉ này làm kênh liên lạc của ông/bà:

        { $code }

        Mã có hiệu lực đến { $expires }. Nếu không phải ông/bà yêu cầu, xin bỏ qua thư này: địa chỉ sẽ không được xác minh.

audit-checkpoint =
    .subject = Điểm kiểm chứng nhật ký { $origin }: { $entries } mục
    .body =
        Kèm theo thư này là điểm kiểm chứng có chữ ký của nhật ký kiểm toán.

        - Nhật ký: { $origin }
        - Thời điểm: { $at }
        - Số mục: { $entries }
        - Mã băm gốc: { $root }
        - Tệp đính kèm: { $file }

        Đề nghị lưu giữ thư và tệp ngoài hệ thống. Khi cần đối chiếu, chạy: canh audit verify --against { $file }

        Nếu nhật ký bị sửa, cắt bớt hoặc dựng lại sau thời điểm này, lệnh trên sẽ phát hiện.

delegation-given =
    .subject = Ủy quyền trên hệ thống Canh – { $body }
    .body =
        Kính gửi ông/bà { $person },

        { $giver } đã ủy quyền cho ông/bà:

        - Nội dung ủy quyền: { $what }
        - Đơn vị: { $body }
        - Từ: { $from }
        - Đến: { $until }

        Mọi việc ông/bà thực hiện theo ủy quyền được ghi nhận theo tên ông/bà. Hết thời hạn, ủy quyền tự chấm dứt.

        { $link }
    .action = Xem ủy quyền

password-reset =
    .subject = Đặt lại mật khẩu hệ thống Canh
    .body =
        Kính gửi ông/bà { $person },

        Có yêu cầu đặt lại mật khẩu cho tài khoản của ông/bà. Liên kết dưới đây chỉ dùng được một lần và có hiệu lực đến { $expires }.

        { $link }

        Nếu không phải ông/bà yêu cầu, xin bỏ qua thư này: mật khẩu hiện tại vẫn giữ nguyên.
    .action = Đặt lại mật khẩu

password-changed =
    .subject = Mật khẩu hệ thống Canh đã được thay đổi
    .body =
        Kính gửi ông/bà { $person },

        Mật khẩu tài khoản của ông/bà vừa được thay đổi:

        - Thời điểm: { $at }
        { $has-place ->
            [yes] - Từ địa chỉ mạng: { $place }
           *[no] - Từ địa chỉ mạng: không rõ
        }

        Nếu không phải ông/bà thực hiện, xin báo ngay cho đầu mối dưới đây và kiểm tra các phiên đăng nhập.

        { $link }
    .action = Kiểm tra phiên đăng nhập

second-factor-moved =
    .subject = Xác thực hai lớp của hệ thống Canh đã chuyển sang điện thoại khác
    .body =
        Kính gửi ông/bà { $person },

        Xác thực hai lớp của tài khoản ông/bà vừa được chuyển sang một điện thoại khác:

        - Thời điểm: { $at }
        { $has-place ->
            [yes] - Từ địa chỉ mạng: { $place }
           *[no] - Từ địa chỉ mạng: không rõ
        }

        Nếu không phải ông/bà thực hiện, xin báo ngay cho đầu mối dưới đây để khóa tài khoản.

        { $link }
    .action = Kiểm tra tài khoản

sign-in-new =
    .subject = Đăng nhập mới vào hệ thống Canh
    .body =
        Kính gửi ông/bà { $person },

        Tài khoản của ông/bà vừa được đăng nhập từ một nơi chưa từng thấy:

        - Thời điểm: { $at }
        - Từ địa chỉ mạng: { $place }
        { $has-device ->
            [yes] - Thiết bị: { $device }
           *[no] - Thiết bị: không rõ
        }

        Nếu là ông/bà, không cần làm gì thêm. Nếu không phải, xin kết thúc phiên này, đổi mật khẩu và báo ngay cho đầu mối dưới đây.

        { $link }
    .action = Kiểm tra phiên đăng nhập

notice =
    .subject = Thông báo: { $title }
    .body =
        Kính gửi ông/bà { $person },

        { $issuer } gửi ông/bà thông báo về bảo đảm an ninh mạng, đề nghị đọc và cam kết thực hiện:

        - Thông báo: { $title }
        - Hạn đọc và cam kết: { $closes }
        { $has-questions ->
            [yes] - Câu hỏi kiểm tra sau khi đọc: { $questions }
           *[no] - Câu hỏi kiểm tra: không có
        }

        Liên kết dưới đây là của riêng ông/bà, xin không chuyển tiếp: người mở sẽ được hỏi có phải là ông/bà hay không và việc cam kết được ghi theo tên ông/bà. Trang này không bao giờ hỏi mật khẩu hay mã xác thực.

        { $link }
    .action = Mở thông báo

notice-reminder =
    .subject = Nhắc đọc thông báo: { $title }
    .body =
        Kính gửi ông/bà { $person },

        Hệ thống chưa ghi nhận ông/bà đã hoàn thành thông báo sau đây của { $issuer }:

        - Thông báo: { $title }
        - Hạn đọc và cam kết: { $closes }
        { $has-questions ->
            [yes] - Câu hỏi kiểm tra sau khi đọc: { $questions }
           *[no] - Câu hỏi kiểm tra: không có
        }

        Liên kết là của riêng ông/bà, xin không chuyển tiếp. Trang này không bao giờ hỏi mật khẩu hay mã xác thực.

        { $link }
    .action = Mở thông báo

bulletin-sent =
    .subject = Bản tin phát trên hệ thống truyền thanh: { $title }
    .body =
        Kính gửi { $body },

        { $issuer } đề nghị quý đơn vị phát bản tin sau đây trên hệ thống truyền thanh cơ sở:

        - Bản tin: { $title }
        - Thời lượng: khoảng { $minutes } phút
        - Ngày phát: { $days }
        - Giờ phát: { $times }

        Sau mỗi lần phát, đề nghị xác nhận trên trang bản tin: giờ phát, cụm loa, người phát; có thể kèm bản ghi âm hoặc ảnh.

        { $link }
    .action = Mở bản tin

bulletin-missing =
    .subject = Đề nghị xác nhận phát bản tin: { $title }
    .body =
        Kính gửi { $body },

        Còn { $missing } lần phát của bản tin chưa có xác nhận:

        - Bản tin: { $title }
        - Lần phát: { $slots }

        Nếu đã phát, đề nghị xác nhận ngay; nếu không phát được, đề nghị nêu lý do ở phần ghi chú khi phát bù.

        { $link }
    .action = Xác nhận phát
request-asked =
    .subject = Yêu cầu: { $request }
    .body =
        Kính gửi { $body },

        { $asker } yêu cầu quý đơn vị:

        - Nội dung: { $request }
        - Bên yêu cầu: { $asker }
        - Hạn: { $due }

        Đề nghị quý đơn vị tiếp nhận, thực hiện và trả lời ngay trên trang yêu cầu.

        { $link }
    .action = Mở yêu cầu

request-reminder =
    .subject = Sắp đến hạn yêu cầu: { $request }
    .body =
        Kính gửi { $body },

        Yêu cầu sau đây sắp đến hạn và chưa có trả lời cuối cùng:

        - Nội dung: { $request }
        - Bên yêu cầu: { $asker }
        - Hạn: { $due }

        { $link }
    .action = Mở yêu cầu

request-overdue =
    .subject = Quá hạn yêu cầu: { $request }
    .body =
        Kính gửi { $body },

        Yêu cầu sau đây đã quá hạn và chưa có trả lời cuối cùng:

        - Nội dung: { $request }
        - Bên yêu cầu: { $asker }
        - Hạn: { $due }

        Nếu không thực hiện được, đề nghị trả lời kèm lý do để bên yêu cầu xem xét.

        { $link }
    .action = Mở yêu cầu

request-escalation =
    .subject = Yêu cầu quá hạn chưa trả lời: { $request }
    .body =
        Kính gửi ông/bà { $person },

        { $body } chưa trả lời yêu cầu đã quá hạn:

        - Nội dung: { $request }
        - Bên yêu cầu: { $asker }
        - Hạn: { $due }

        Đề nghị ông/bà chỉ đạo xử lý.

        { $link }
    .action = Mở yêu cầu

request-answered =
    .subject = { $body } trả lời yêu cầu: { $request }
    .body =
        { $body } đã trả lời yêu cầu:

        - Nội dung: { $request }

        Kết quả và tài liệu kèm theo có trên trang yêu cầu, nơi có thể chấp nhận hoặc trả lại.

        { $link }
    .action = Xem trả lời

request-returned =
    .subject = Trả lại trả lời yêu cầu: { $request }
    .body =
        Kính gửi { $body },

        { $asker } trả lại trả lời của quý đơn vị đối với yêu cầu "{ $request }", với lý do:

        { $reason }

        - Hạn: { $due }

        { $link }
    .action = Mở yêu cầu

report-asked =
    .subject = Trình ký: { $report }
    .body =
        Kính gửi ông/bà { $person },

        { $author } trình ông/bà ký duyệt văn bản của { $body }:

        - Văn bản: { $report }

        Số liệu trong dự thảo cập nhật đến lúc ký. Nếu chưa ký được, đề nghị trả lại kèm lý do.

        { $link }
    .action = Xem và ký duyệt

report-returned =
    .subject = Trả lại, chưa ký: { $report }
    .body =
        Kính gửi ông/bà { $person },

        { $signer } trả lại dự thảo "{ $report }" của { $body }, với lý do:

        { $reason }

        Đề nghị sửa và trình lại.

        { $link }
    .action = Mở dự thảo

report-signed =
    .subject = Đã ký duyệt: { $report }
    .body =
        Kính gửi ông/bà { $person },

        { $signer } đã ký duyệt văn bản của { $body }:

        - Văn bản: { $report }

        Tệp PDF và Word đã sẵn sàng để văn thư ghi số, phát hành.

        { $link }
    .action = Mở văn bản

request-withdrawn =
    .subject = Rút yêu cầu: { $request }
    .body =
        Kính gửi { $body },

        { $asker } đã rút yêu cầu "{ $request }", với lý do:

        { $reason }

        Quý đơn vị không cần thực hiện tiếp.

        { $link }
    .action = Xem yêu cầu

line-down =
    .subject = Mất kết nối: { $line }
    .body =
        Đường truyền sau đây được báo mất kết nối:

        - Đường truyền: { $line }
        - Từ: { $since }

        Khi có kết nối trở lại, tình trạng được cập nhật trên trang đường truyền.

        { $link }
    .action = Xem đường truyền

check-in-missed =
    .subject = Chưa điểm danh ca trực: { $post }
    .body =
        Kính gửi ông/bà { $person },

        Ông/bà đang có ca trực và chưa điểm danh:

        - Vị trí trực: { $post }
        - Người trực: { $silent }
        - Giờ phải điểm danh: { $due }

        Xin điểm danh ngay. Nếu không có trả lời, hệ thống sẽ gọi người trực dự phòng, sau đó là thủ trưởng.

        { $link }
    .action = Điểm danh

watch-silent =
    .subject = Vị trí trực không có trả lời: { $post }
    .body =
        Kính gửi ông/bà { $person },

        Người trực sau đây chưa điểm danh và không trả lời:

        - Vị trí trực: { $post }
        - Người trực: { $silent }
        - Giờ phải điểm danh: { $due }

        Xin gọi cho người trực, hoặc nhận trực thay tại địa chỉ dưới đây.

        { $link }
    .action = Nhận trực thay

monitor-silent =
    .subject = Mất tín hiệu: { $monitor }
    .body =
        Kính gửi ông/bà { $person },

        Hệ thống sau đây không gửi tín hiệu đúng giờ:

        - Tín hiệu: { $monitor }
        - Đơn vị: { $body }
        - Lần cuối nhận được: { $since }

        Xin nhận xử lý, hoặc chuyển cho người tiếp theo, tại địa chỉ dưới đây.

        { $link }
    .action = Nhận xử lý

outside-report =
    .subject = Hệ thống ngoài báo: { $title }
    .body =
        Kính gửi ông/bà { $person },

        Hệ thống sau đây báo có việc không thể chờ:

        - Nội dung: { $title }
        - Hệ thống báo: { $source }
        - Đơn vị: { $body }
        - Số cảnh báo: { $n }
        - Từ lúc: { $since }

        Xin nhận xử lý, hoặc chuyển cho người tiếp theo, tại địa chỉ dưới đây.

        { $link }
    .action = Nhận xử lý

centre-silent =
    .subject = Trung tâm Canh không trả lời: { $centre }
    .brief = Máy theo dõi từ bên ngoài có tin về hệ thống Canh. Xin liên hệ trung tâm ngay.
    .body =
        Máy theo dõi từ bên ngoài không liên lạc được với trung tâm Canh. Trong lúc này Canh có thể không gọi được ai.

        - Trung tâm: { $centre }
        - Không trả lời từ: { $since }
        { $has-heard ->
            [yes] - Lần cuối nghe thấy: { $heard }
           *[no] - Lần cuối nghe thấy: chưa lần nào
        }
        - Máy theo dõi ghi nhận: { $why }

        Xin kiểm tra máy chủ, đường truyền và dịch vụ `canh serve`; trực bằng điện thoại cho đến khi có tin trở lại.

centre-back =
    .subject = Trung tâm Canh đã trả lời lại: { $centre }
    .brief = Máy theo dõi từ bên ngoài có tin mới về hệ thống Canh.
    .body =
        Trung tâm Canh đã trả lời lại.

        - Trung tâm: { $centre }
        - Không trả lời từ: { $since }
        - Trả lời lại lúc: { $until }

        Xin xem lại trên Canh những gì đến hạn trong khoảng đó.

centre-heard =
    .subject = Thử báo tin về trung tâm Canh: { $centre }
    .brief = Tin thử của máy theo dõi từ bên ngoài. Không có sự cố.
    .body =
        Đây là tin thử của máy theo dõi từ bên ngoài. Không có sự cố.

        - Trung tâm: { $centre }

        Khi trung tâm không trả lời, tin báo sẽ đến địa chỉ này.

channel-daily =
    .subject = Thử kênh liên lạc ngày { $day }
    .body =
        Kính gửi ông/bà { $person },

        Đây là tin thử kênh liên lạc hằng ngày ({ $day }). Không có sự cố, không cần trả lời.

channel-daily-failed =
    .subject = Kênh liên lạc không nhận được tin thử: { $channel }
    .body =
        Kính gửi ông/bà { $person },

        Tin thử hôm nay qua kênh sau đây không gửi được: { $channel }.

        Khi có sự cố, ông/bà có thể không được báo qua kênh đó. Xin kiểm tra lại tại địa chỉ dưới đây.

        { $link }
    .action = Kênh liên lạc của tôi

alert-urgent =
    .subject = Cảnh báo: { $alert }
    .body =
        Kính gửi ông/bà { $person },

        Có cảnh báo không thể chờ:

        - Cảnh báo: { $alert }
        - Máy: { $host }
        - Đơn vị: { $body }
        - Lúc: { $since }

        Xin nhận xử lý, hoặc chuyển cho người tiếp theo, tại địa chỉ dưới đây.

        { $link }
    .action = Nhận xử lý

duty-call =
    .subject = { $by } gọi trực: { $title }
    .body =
        Kính gửi ông/bà { $person },

        { $by } cần người đang trực:

        - Việc: { $title }
        { $has-post ->
            [yes] - Vị trí trực: { $post } ({ $body })
           *[no] - Đơn vị gọi: { $body }
        }
        - Gọi lúc: { $since }

        Xin nhận việc, hoặc chuyển cho người tiếp theo, tại địa chỉ dưới đây.

        { $link }
    .action = Nhận việc

person-call =
    .subject = { $by } gọi { $who }: { $title }
    .body =
        Kính gửi ông/bà { $person },

        { $by } cần { $who } ({ $body }):

        - Việc: { $title }
        - Gọi lúc: { $since }

        Xin nhận việc, hoặc chuyển cho người tiếp theo, tại địa chỉ dưới đây.

        { $link }
    .action = Nhận việc

duty-call-taken =
    .subject = Đã có người nhận: { $title }
    .body =
        Kính gửi ông/bà { $person },

        { $who } đã nhận việc ông/bà gọi trực.

        - Việc: { $title }

        { $link }
    .action = Xem diễn biến

duty-call-unanswered =
    .subject = Chưa ai nhận: { $title }
    .body =
        Kính gửi ông/bà { $person },

        Canh đã gọi hết các bước mà không ai nhận việc ông/bà gọi trực. Xin gọi điện thoại trực tiếp.

        - Việc: { $title }

        { $link }
    .action = Xem đã gọi những ai

shift-soon =
    .subject = Sắp đến ca trực: { $post }
    .body =
        Kính gửi ông/bà { $person },

        Ca trực của ông/bà sắp bắt đầu. Khi nhận ca, xin điểm danh tại địa chỉ dưới đây.

        - Vị trí trực: { $post }
        - Từ: { $since }
        - Đến: { $until }

        { $link }
    .action = Điểm danh nhận ca

swap-asked =
    .subject = { $giver } xin đổi ca: { $post }
    .body =
        Kính gửi ông/bà { $person },

        { $giver } xin ông/bà trực thay. Xin đồng ý hoặc từ chối trên Canh.

        - Vị trí trực: { $post }
        - Người nhường ca: { $giver }
        - Người nhận ca: { $taker }
        - Từ: { $since }
        - Đến: { $until }

        { $link }
    .action = Trả lời

swap-to-decide =
    .subject = Chờ duyệt đổi ca: { $post }
    .body =
        Kính gửi ông/bà { $person },

        Hai bên đã đồng ý đổi ca. Xin duyệt hoặc từ chối trên Canh; chưa duyệt thì lịch chưa đổi.

        - Vị trí trực: { $post }
        - Người nhường ca: { $giver }
        - Người nhận ca: { $taker }
        - Từ: { $since }
        - Đến: { $until }

        { $link }
    .action = Duyệt đổi ca

swap-approved =
    .subject = Đã đổi ca: { $post }
    .body =
        Kính gửi ông/bà { $person },

        Việc đổi ca đã được duyệt; lịch trực đã thay đổi.

        - Vị trí trực: { $post }
        - Người nhường ca: { $giver }
        - Người nhận ca: { $taker }
        - Từ: { $since }
        - Đến: { $until }

        { $link }
    .action = Xem ca trực

swap-refused =
    .subject = Không đổi ca: { $post }
    .body =
        Kính gửi ông/bà { $person },

        Việc đổi ca không được chấp nhận; lịch trực giữ nguyên.

        - Vị trí trực: { $post }
        - Người nhường ca: { $giver }
        - Người nhận ca: { $taker }
        - Từ: { $since }
        - Đến: { $until }

        { $link }
    .action = Xem ca trực

drill-call =
    .subject = Kiểm tra liên lạc trước đợt trực: { $post }
    .body =
        Kính gửi ông/bà { $person },

        Đây là cuộc gọi kiểm tra liên lạc trước đợt trực, gửi trên mọi kênh của ông/bà. Không có sự cố.

        - Vị trí trực: { $post }

        Xin bấm nhận để xác nhận liên lạc được.

        { $link }
    .action = Tôi nhận được

test-call =
    .subject = Gọi thử trong ca trực: { $post }
    .body =
        Kính gửi ông/bà { $person },

        Đây là cuộc gọi thử trong ca trực của ông/bà. Không có sự cố.

        - Vị trí trực: { $post }

        Xin bấm nhận để xác nhận đang trực.

        { $link }
    .action = Tôi đang trực

channel-test =
    .subject = Gửi thử kênh liên lạc của hệ thống Canh
    .body =
        Kính gửi ông/bà { $person },

        Đây là tin gửi thử do ông/bà yêu cầu lúc { $at }. Không có sự cố, không cần làm gì.
    .short = Canh: tin gửi thử lúc { $at }. Không có sự cố.
