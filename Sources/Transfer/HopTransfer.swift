import CCurl

/// One libcurl transfer of one hop, driven so that a cancellation is noticed within ``pollMilliseconds``.
final class HopTransfer {
    /// How long one wait for the network may last before the cancellation flag is looked at again.
    private static let pollMilliseconds: Int32 = 100

    private let hop: Hop
    private let easy: UnsafeMutableRawPointer
    private let multi: UnsafeMutableRawPointer
    private let receiver: HopReceiver
    private let errorText: UnsafeMutablePointer<CChar>
    private var headerList: UnsafeMutablePointer<curl_slist>?

    init(_ hop: Hop) throws(FetchError) {
        guard let easy = curl_easy_init() else {
            throw hop.failure(.internalFailure, "libcurl gave no handle; the machine may be out of memory")
        }
        guard let multi = curl_multi_init() else {
            curl_easy_cleanup(easy)
            throw hop.failure(.internalFailure, "libcurl gave no multi handle; the machine may be out of memory")
        }
        self.hop = hop
        self.easy = easy
        self.multi = multi
        receiver = HopReceiver(limits: hop.limits, policy: hop.policy)
        errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        headerList = nil
        // As a header of our own and not as libcurl's option, which would make libcurl inflate; see GzipInflater.
        for header in hop.headers + [("Accept-Encoding", "gzip")] {
            // libcurl reads "Name:" as "leave this header out" and "Name;" as a header without a value.
            let line = header.value.isEmpty ? "\(header.name);" : "\(header.name): \(header.value)"
            guard let longer = curl_slist_append(headerList, line) else {
                throw hop.failure(.internalFailure, "libcurl could not keep a header; the machine may be out of memory")
            }
            headerList = longer
        }
    }

    deinit {
        curl_multi_remove_handle(multi, easy)
        curl_easy_cleanup(easy)
        curl_multi_cleanup(multi)
        curl_slist_free_all(headerList)
        errorText.deallocate()
    }

    /// Runs the transfer to its end on the calling thread.
    func run(cancellation: CancellationFlag) throws(FetchError) -> HopResponse {
        try configure()
        let result = try drive(cancellation: cancellation)
        guard result == CURLE_OK, receiver.finish() else { throw failure(for: result) }
        var status = 0
        _ = ccurl_get_long(easy, CURLINFO_RESPONSE_CODE, &status)
        return HopResponse(status: status, headers: receiver.headers, body: receiver.body)
    }

    /// Repeats perform and poll until the one transfer of this multi handle is done, and gives its result.
    private func drive(cancellation: CancellationFlag) throws(FetchError) -> CURLcode {
        guard curl_multi_add_handle(multi, easy) == CURLM_OK else {
            throw hop.failure(.internalFailure, "libcurl refused to start the transfer")
        }
        while true {
            guard !cancellation.isCancelled else { throw hop.failure(.cancelled, "the fetch from \(hop.endpoint) was cancelled") }
            var running: Int32 = 0
            guard curl_multi_perform(multi, &running) == CURLM_OK else {
                throw hop.failure(.internalFailure, "libcurl's multi handle failed")
            }
            if running == 0 {
                var waiting: Int32 = 0
                guard let message = curl_multi_info_read(multi, &waiting) else {
                    throw hop.failure(.internalFailure, "libcurl ended the transfer without a result")
                }
                return ccurl_message_result(message)
            }
            guard curl_multi_poll(multi, nil, 0, Self.pollMilliseconds, nil) == CURLM_OK else {
                throw hop.failure(.internalFailure, "libcurl could not wait for the network")
            }
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
            ccurl_set_list(easy, CURLOPT_HTTPHEADER, headerList),
            // Headers for the target are not for a proxy, and its CONNECT answer is not the response.
            ccurl_set_long(easy, CURLOPT_HEADEROPT, Int(CURLHEADER_SEPARATE)),
            ccurl_set_long(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1),
            // An empty string turns off libcurl's own reading of the environment; see ProxySettings.
            ccurl_set_string(easy, CURLOPT_PROXY, hop.proxy ?? ""),
            ccurl_set_string(easy, CURLOPT_NOPROXY, ""),
            // Signals would interrupt other threads.
            ccurl_set_long(easy, CURLOPT_NOSIGNAL, 1),
            ccurl_set_quick_exit(easy),
            ccurl_set_pointer(easy, CURLOPT_ERRORBUFFER, errorText),
        ]
        codes += destination()
        codes += timeLimits()
        codes += callbacks()
        if hop.target.scheme == "https" { codes += try verifiedTLS() }
        guard let refused = codes.first(where: { $0 != CURLE_OK }) else { return }
        throw hop.failure(.internalFailure, "libcurl refused an option: \(String(cString: curl_easy_strerror(refused)))")
    }

    private func destination() -> [CURLcode] {
        var codes = [ccurl_set_string(easy, CURLOPT_URL, hop.target.url)]
        if hop.isPost {
            codes += [
                ccurl_set_long(easy, CURLOPT_POST, 1),
                // Without a body of its own libcurl would read one from standard input.
                ccurl_set_long(easy, CURLOPT_POSTFIELDSIZE, 0),
                ccurl_set_string(easy, CURLOPT_COPYPOSTFIELDS, ""),
            ]
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
            ccurl_set_offset(easy, CURLOPT_MAXFILESIZE_LARGE, curl_off_t(limits.maximumBytes)),
        ]
    }

    private func verifiedTLS() throws(FetchError) -> [CURLcode] {
        switch TrustStore.locate(chosen: hop.certificateFile) {
        case .bundle(let path):
            [
                ccurl_set_string(easy, CURLOPT_CAINFO, path),
                ccurl_set_long(easy, CURLOPT_SSL_VERIFYPEER, 1),
                ccurl_set_long(easy, CURLOPT_SSL_VERIFYHOST, 2),
            ]
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
        var osError = 0
        _ = ccurl_get_long(easy, CURLINFO_OS_ERRNO, &osError)
        let detail = errorText.pointee == 0 ? String(cString: curl_easy_strerror(code)) : String(cString: errorText)
        return HopFailure(hop: hop, receiver: receiver, detail: detail, osError: Int32(truncatingIfNeeded: osError)).error(for: code)
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
