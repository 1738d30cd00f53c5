import CCurl
import Glibc

/// Hands one message in at a server over SMTP.
package final class MailTransfer {
    private let request: MailRequest
    private let transfer: LibcurlTransfer
    private let exchange: MailExchange

    private var easy: UnsafeMutableRawPointer { transfer.easy }
    private var endpoint: String { request.server.endpoint }

    /// Sends on the calling thread, which must be one that may block for up to the total limit.
    ///
    /// - Returns: What the server refused while it took the mail in the end, such as one of several recipients; mostly nothing.
    package static func send(_ request: MailRequest, cancellation: CancellationFlag) throws(MailError) -> [String] {
        try MailTransfer(request).run(cancellation)
    }

    private init(_ request: MailRequest) throws(MailError) {
        self.request = request
        exchange = MailExchange(message: request.message)
        do throws(LibcurlTransfer.Failure) {
            transfer = try LibcurlTransfer()
        } catch {
            throw Self.error(of: error, request.server)
        }
    }

    deinit { transfer.close() }

    private func run(_ cancellation: CancellationFlag) throws(MailError) -> [String] {
        try configure()
        let result: CURLcode
        do throws(LibcurlTransfer.Failure) {
            result = try transfer.perform(cancellation: cancellation)
        } catch {
            exchange.cut()
            throw Self.error(of: error, request.server)
        }
        guard result == CURLE_OK else { throw failure(for: result) }
        return exchange.refusals
    }

    private func configure() throws(MailError) {
        for address in [request.sender] + request.recipients where !MailAddress.isUsable(address) {
            throw MailError(kind: .internalFailure, description: "an address of the mail cannot be sent; correct it")
        }
        let remaining = request.totalTimeout.wholeMilliseconds
        var codes = [
            ccurl_set_string(easy, CURLOPT_PROTOCOLS_STR, request.server.isSecure ? "smtps" : "smtp"),
            ccurl_set_string(easy, CURLOPT_URL, request.server.url),
            ccurl_set_string(easy, CURLOPT_PROXY, ""),
            // Not "try": whoever sits on the line could take the offer of STARTTLS away.
            ccurl_set_long(easy, CURLOPT_USE_SSL, Int(request.needsTLS ? CURLUSESSL_ALL.rawValue : CURLUSESSL_NONE.rawValue)),
            ccurl_set_long(easy, CURLOPT_TIMEOUT_MS, max(1, remaining)),
            // To libcurl, the server's greeting is still part of connecting.
            ccurl_set_long(easy, CURLOPT_CONNECTTIMEOUT_MS, max(1, min(remaining, request.answerTimeout.wholeMilliseconds))),
            ccurl_set_long(easy, CURLOPT_SERVER_RESPONSE_TIMEOUT, max(1, request.answerTimeout.wholeMilliseconds / 1000)),
            ccurl_set_long(easy, CURLOPT_FORBID_REUSE, 1),
            // An alert that reaches one of two is better than none.
            ccurl_set_long(easy, CURLOPT_MAIL_RCPT_ALLLOWFAILS, 1),
            ccurl_set_string(easy, CURLOPT_MAIL_FROM, "<\(request.sender)>"),
            ccurl_set_long(easy, CURLOPT_UPLOAD, 1),
        ]
        if let login = request.login {
            codes += [ccurl_set_string(easy, CURLOPT_USERNAME, login.user), ccurl_set_string(easy, CURLOPT_PASSWORD, login.password)]
        }
        codes += transfer.commonOptions() + callbacks()
        if request.needsTLS { codes += try verification() }
        if let refusal = LibcurlTransfer.refusal(codes) { throw MailError(kind: .internalFailure, description: refusal) }
        do throws(LibcurlTransfer.Failure) {
            try transfer.set(CURLOPT_MAIL_RCPT, request.recipients.map { "<\($0)>" })
        } catch {
            throw Self.error(of: error, request.server)
        }
    }

    private func verification() throws(MailError) -> [CURLcode] {
        switch TrustStore.locate(chosen: request.certificateFile) {
        case .bundle(let path): transfer.verification(by: path)
        case .missing(let explanation):
            throw MailError(kind: .tls, description: "the certificate of \(endpoint) cannot be checked: \(explanation)")
        }
    }

    /// The exchange outlives the transfer (see `deinit`), so libcurl may hold it unretained.
    private func callbacks() -> [CURLcode] {
        let context = Unmanaged.passUnretained(exchange).toOpaque()
        return [
            ccurl_set_data_callback(easy, CURLOPT_READFUNCTION) { bytes, size, count, context in
                MailExchange.from(context).give(UnsafeMutableRawBufferPointer(start: bytes, count: size * count))
            },
            ccurl_set_pointer(easy, CURLOPT_READDATA, context),
            ccurl_set_data_callback(easy, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
                MailExchange.from(context).take(answer: UnsafeRawBufferPointer(start: bytes, count: size * count))
                return size * count
            },
            ccurl_set_pointer(easy, CURLOPT_HEADERDATA, context),
            ccurl_set_open_socket_callback(easy) { context, _, address in
                address.map { MailExchange.from(context).openSocket(for: $0.pointee) } ?? -1
            },
            ccurl_set_pointer(easy, CURLOPT_OPENSOCKETDATA, context),
            ccurl_set_close_socket_callback(easy) { context, socket in MailExchange.from(context).close(socket) },
            ccurl_set_pointer(easy, CURLOPT_CLOSESOCKETDATA, context),
            // Some libraries pass answers as a body, which would go to standard output.
            ccurl_set_data_callback(easy, CURLOPT_WRITEFUNCTION) { _, size, count, _ in size * count },
        ]
    }

    // MARK: Errors

    private static func error(of failure: LibcurlTransfer.Failure, _ server: MailServer) -> MailError {
        switch failure {
        case .cancelled: MailError(kind: .cancelled, description: "the mail to \(server.endpoint) was cancelled")
        case .broken(let reason): MailError(kind: .internalFailure, description: reason)
        }
    }

    private func failure(for code: CURLcode) -> MailError {
        let detail = transfer.detail(of: code)
        // The server's own words say more than libcurl's, where it had some.
        let said = exchange.refusals.last.map { " (the server says: \($0))" } ?? ""
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST:
            return error(.network, "the name \(request.server.host) has no address (\(detail)); check the name, and this machine's DNS")
        case CURLE_COULDNT_CONNECT:
            let reason = transfer.systemError == 0 ? detail : String(cString: strerror(transfer.systemError))
            return error(.network, "no connection to \(endpoint): \(reason); check host and port, and whether this network lets mail out")
        case CURLE_OPERATION_TIMEDOUT:
            return error(.timeout, "\(endpoint) did not take the mail in time (\(detail))")
        case CURLE_USE_SSL_FAILED:
            let why = request.login == nil ? "mail goes in the clear only to this machine" : "the password is not sent in the clear"
            return error(.tls, "\(endpoint) offers no STARTTLS, and \(why)\(said); use a server that does, or smtps://")
        case CURLE_LOGIN_DENIED:
            return error(.login, "\(endpoint) refused user or password\(said); some providers want a password made for this program alone")
        case _ where HopFailure.tlsCodes.contains(code.rawValue):
            return error(
                .tls,
                "the TLS connection to \(endpoint) failed: \(detail);"
                    + " if the certificate comes from an authority of your own, set ca_file or SSL_CERT_FILE to a PEM file that holds it"
            )
        case _ where exchange.refusals.last != nil:
            return error(.refused, "\(endpoint) does not take the mail: \(detail)\(said)")
        default:
            return error(.network, "the mail to \(endpoint) failed: \(detail)")
        }
    }

    private func error(_ kind: MailError.Kind, _ description: String) -> MailError { MailError(kind: kind, description: description) }
}
