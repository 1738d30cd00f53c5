import CCurl

/// One libcurl transfer of one hop.
final class HopTransfer {
    private let hop: Hop
    private let transfer: LibcurlTransfer
    private let receiver: HopReceiver

    private var easy: UnsafeMutableRawPointer { transfer.easy }

    init(_ hop: Hop) throws(FetchError) {
        self.hop = hop
        do throws(LibcurlTransfer.Failure) {
            transfer = try LibcurlTransfer()
        } catch {
            throw Self.error(of: error, hop)
        }
        receiver = HopReceiver(limits: hop.limits, policy: hop.policy, takeBody: hop.takeBody)
    }

    deinit { transfer.close() }

    /// Runs the transfer to its end on the calling thread.
    func run(cancellation: CancellationFlag) throws(FetchError) -> HopResponse {
        try configure()
        let result: CURLcode
        do throws(LibcurlTransfer.Failure) {
            // As a header of our own and not as libcurl's option, which would make libcurl inflate; see `GzipBody`.
            try transfer.set(CURLOPT_HTTPHEADER, (hop.headers + (hop.acceptsGzip ? [("Accept-Encoding", "gzip")] : [])).map(Self.line))
            result = try transfer.perform(cancellation: cancellation)
        } catch {
            throw Self.error(of: error, hop)
        }
        guard result == CURLE_OK, receiver.finish() else { throw failure(for: result) }
        var status = 0
        _ = ccurl_get_long(easy, CURLINFO_RESPONSE_CODE, &status)
        return HopResponse(status: status, headers: receiver.headers, body: receiver.body)
    }

    /// libcurl reads "Name:" as "leave this header out" and "Name;" as a header without a value.
    private static func line(_ header: (name: String, value: String)) -> String {
        header.value.isEmpty ? "\(header.name);" : "\(header.name): \(header.value)"
    }

    private static func error(of failure: LibcurlTransfer.Failure, _ hop: Hop) -> FetchError {
        switch failure {
        case .cancelled: hop.failure(.cancelled, "the fetch from \(hop.endpoint) was cancelled")
        case .broken(let reason): hop.failure(.internalFailure, reason)
        }
    }

    // MARK: Options

    private func configure() throws(FetchError) {
        var codes = [
            // libcurl's own redirects would carry headers along and skip the policy of the new hop.
            ccurl_set_long(easy, CURLOPT_FOLLOWLOCATION, 0),
            ccurl_set_string(easy, CURLOPT_PROTOCOLS_STR, "http,https"),
            // The trimmed library has no HTTP/2, so that all builds speak the same protocol.
            ccurl_set_long(easy, CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1)),
            ccurl_set_string(easy, CURLOPT_USERAGENT, hop.userAgent),
            // Headers for the target are not for a proxy, and its CONNECT answer is not the response.
            ccurl_set_long(easy, CURLOPT_HEADEROPT, Int(CURLHEADER_SEPARATE)),
            ccurl_set_long(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1),
            // An empty string turns off libcurl's own reading of the environment, as for those that are left out; see ProxySettings.
            ccurl_set_string(easy, CURLOPT_PROXY, hop.proxy ?? ""),
        ]
        codes += transfer.commonOptions()
        codes += destination()
        codes += timeLimits()
        codes += callbacks()
        if hop.target.scheme == "https" { codes += try verifiedTLS() }
        if let refusal = LibcurlTransfer.refusal(codes) { throw hop.failure(.internalFailure, refusal) }
    }

    private func destination() -> [CURLcode] {
        var codes = [ccurl_set_string(easy, CURLOPT_URL, hop.target.url)]
        if hop.isPost {
            codes += [
                ccurl_set_long(easy, CURLOPT_POST, 1),
                ccurl_set_long(easy, CURLOPT_POSTFIELDSIZE, hop.body.count),
            ]
            // Copied by libcurl. Without a body, also an empty one, it would read one from standard input.
            var body = hop.body + [0]
            codes.append(body.withUnsafeMutableBytes { ccurl_set_pointer(easy, CURLOPT_COPYPOSTFIELDS, $0.baseAddress) })
        } else {
            codes.append(ccurl_set_long(easy, CURLOPT_HTTPGET, 1))
        }
        if let socket = hop.unixSocket { codes.append(ccurl_set_string(easy, CURLOPT_UNIX_SOCKET_PATH, socket)) }
        return codes
    }

    private func timeLimits() -> [CURLcode] {
        let limits = hop.limits
        let remaining = ContinuousClock.now.duration(to: hop.deadline)
        return [
            // Zero would mean no limit.
            ccurl_set_long(easy, CURLOPT_TIMEOUT_MS, max(1, remaining.wholeMilliseconds)),
            ccurl_set_long(easy, CURLOPT_CONNECTTIMEOUT_MS, max(1, limits.connectTimeout.wholeMilliseconds)),
            ccurl_set_long(easy, CURLOPT_LOW_SPEED_LIMIT, limits.lowSpeedBytesPerSecond),
            ccurl_set_long(easy, CURLOPT_LOW_SPEED_TIME, max(1, (limits.lowSpeedTime.wholeMilliseconds + 999) / 1000)),
            // By the Content-Length, before a byte of the body was read. What has none, or is inflated, is counted as it comes.
            ccurl_set_offset(easy, CURLOPT_MAXFILESIZE_LARGE, curl_off_t(hop.takeBody == nil ? limits.maximumBytes : 0)),
        ]
    }

    private func verifiedTLS() throws(FetchError) -> [CURLcode] {
        switch TrustStore.locate(chosen: hop.certificateFile) {
        case .bundle(let path):
            transfer.verification(by: path)
        case .missing(let explanation):
            throw hop.failure(.tls, "the certificate of \(hop.target.endpoint) cannot be checked: \(explanation)")
        }
    }

    /// The receiver outlives the handle (both belong to this value), so libcurl may hold it unretained.
    private func callbacks() -> [CURLcode] {
        let context = Unmanaged.passUnretained(receiver).toOpaque()
        return [
            ccurl_set_data_callback(easy, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
                let taken = HopReceiver.from(context).receive(body: UnsafeRawBufferPointer(start: bytes, count: size * count))
                return taken ? size * count : 0
            },
            ccurl_set_pointer(easy, CURLOPT_WRITEDATA, context),
            ccurl_set_data_callback(easy, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
                let taken = HopReceiver.from(context).receive(headerLine: UnsafeRawBufferPointer(start: bytes, count: size * count))
                return taken ? size * count : 0
            },
            ccurl_set_pointer(easy, CURLOPT_HEADERDATA, context),
            ccurl_set_open_socket_callback(easy) { context, _, address in
                address.map { HopReceiver.from(context).openSocket(for: $0) } ?? -1
            },
            ccurl_set_pointer(easy, CURLOPT_OPENSOCKETDATA, context),
        ]
    }

    // MARK: Errors

    private func failure(for code: CURLcode) -> FetchError {
        HopFailure(hop: hop, receiver: receiver, detail: transfer.detail(of: code), osError: transfer.systemError).error(for: code)
    }
}

extension HopReceiver {
    /// The receiver that was given to libcurl as the context of its callbacks.
    fileprivate static func from(_ context: UnsafeMutableRawPointer?) -> HopReceiver {
        Unmanaged<HopReceiver>.fromOpaque(context!).takeUnretainedValue()
    }
}

extension Duration {
    /// Rounded down; negative for a time that has passed.
    var wholeMilliseconds: Int {
        let (seconds, attoseconds) = components
        return Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000)
    }
}
