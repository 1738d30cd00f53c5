import CCurl

/// One transfer of libcurl, whatever its protocol: its handles, and the loop that drives them so that a cancellation is noticed within
/// ``pollMilliseconds``. Used by one thread.
final class LibcurlTransfer {
    enum Failure: Error {
        case cancelled
        /// libcurl itself failed; how, fit for an error message.
        case broken(String)
    }

    /// How long one wait for the network may last before the cancellation flag is looked at again.
    private static let pollMilliseconds: Int32 = 100

    /// Not thread-safe in older libraries, and needed before anything else; a global constant is initialised once, on first use.
    private static let globalInitialization = ccurl_global_init()

    /// Takes the options.
    let easy: UnsafeMutableRawPointer
    private let multi: UnsafeMutableRawPointer
    private let errorText: UnsafeMutablePointer<CChar>
    private var lists: [UnsafeMutablePointer<curl_slist>] = []
    private var isClosed = false

    init() throws(Failure) {
        guard Self.globalInitialization == CURLE_OK else { throw .broken("libcurl could not be initialised") }
        guard let easy = curl_easy_init() else { throw .broken("libcurl gave no handle; the machine may be out of memory") }
        guard let multi = curl_multi_init() else {
            curl_easy_cleanup(easy)
            throw .broken("libcurl gave no multi handle; the machine may be out of memory")
        }
        self.easy = easy
        self.multi = multi
        errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    }

    deinit {
        close()
        errorText.deallocate()
    }

    /// Ends the transfer. To be called while what libcurl was given a pointer to is still there: a connection that is closed may have
    /// something to say.
    func close() {
        if isClosed { return }
        isClosed = true
        curl_multi_remove_handle(multi, easy)
        curl_easy_cleanup(easy)
        curl_multi_cleanup(multi)
        for list in lists { curl_slist_free_all(list) }
    }

    /// Sets an option that is a list of lines.
    func set(_ option: CURLoption, _ lines: [String]) throws(Failure) {
        var list: UnsafeMutablePointer<curl_slist>?
        for line in lines {
            guard let longer = curl_slist_append(list, line) else {
                curl_slist_free_all(list)
                throw .broken("libcurl could not keep a line; the machine may be out of memory")
            }
            list = longer
        }
        if let list { lists.append(list) }
        if let refusal = Self.refusal([ccurl_set_list(easy, option, list)]) { throw .broken(refusal) }
    }

    /// What every transfer of this program has; to be set with the others.
    func commonOptions() -> [CURLcode] {
        [
            // An empty string turns off libcurl's own reading of the environment; see ProxySettings.
            ccurl_set_string(easy, CURLOPT_NOPROXY, ""),
            // Signals would interrupt other threads.
            ccurl_set_long(easy, CURLOPT_NOSIGNAL, 1),
            ccurl_set_quick_exit(easy),
            ccurl_set_pointer(easy, CURLOPT_ERRORBUFFER, errorText),
        ]
    }

    /// Trusts the authorities of a PEM file and checks the name in the certificate.
    func verification(by bundle: String) -> [CURLcode] {
        [
            ccurl_set_string(easy, CURLOPT_CAINFO, bundle),
            ccurl_set_long(easy, CURLOPT_SSL_VERIFYPEER, 1),
            ccurl_set_long(easy, CURLOPT_SSL_VERIFYHOST, 2),
        ]
    }

    /// The first option that was refused, fit for an error message; nil when all were taken.
    static func refusal(_ codes: [CURLcode]) -> String? {
        codes.first { $0 != CURLE_OK }.map { "libcurl refused an option: \(String(cString: curl_easy_strerror($0)))" }
    }

    /// Repeats perform and poll until the transfer is done, and gives its result.
    func perform(cancellation: CancellationFlag) throws(Failure) -> CURLcode {
        guard curl_multi_add_handle(multi, easy) == CURLM_OK else { throw .broken("libcurl refused to start the transfer") }
        while true {
            if cancellation.isCancelled { throw .cancelled }
            var running: Int32 = 0
            guard curl_multi_perform(multi, &running) == CURLM_OK else { throw .broken("libcurl's multi handle failed") }
            if running == 0 {
                var waiting: Int32 = 0
                guard let message = curl_multi_info_read(multi, &waiting) else { throw .broken("libcurl ended the transfer without a result") }
                return ccurl_message_result(message)
            }
            guard curl_multi_poll(multi, nil, 0, Self.pollMilliseconds, nil) == CURLM_OK else {
                throw .broken("libcurl could not wait for the network")
            }
        }
    }

    /// libcurl's own words on a result.
    func detail(of code: CURLcode) -> String {
        errorText.pointee == 0 ? String(cString: curl_easy_strerror(code)) : String(cString: errorText)
    }

    /// errno of the last failed system call, 0 if there was none.
    var systemError: Int32 {
        var code = 0
        _ = ccurl_get_long(easy, CURLINFO_OS_ERRNO, &code)
        return Int32(truncatingIfNeeded: code)
    }
}
