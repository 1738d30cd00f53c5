import CoreMetrics
import MarketData
import Synchronization
import TickerStore
import Transfer

/// Gets the one page of an `http` source; on a thread of its own.
struct HTTPFetch {
    let name: String
    let source: HTTPSource
    let run: ActiveRun
    let limiter: RateLimiter

    /// A page, or nil when there is none and the reason has been reported.
    func page() -> HTTPPage? {
        guard limiter.spend(run: run) else { return nil }
        var request = FetchRequest(url: source.url, headers: [("Accept", "application/json")], userAgent: source.userAgent)
        request.operatorURL = source.url
        // A redirect is a request like any other: it spends.
        let holdsToken = Mutex(true)
        request.mayFollowRedirect = { [limiter, run] in
            limiter.finish()
            let isSpent = limiter.spend(run: run)
            holdsToken.withLock { $0 = isSpent }
            return isSpent
        }
        defer { if holdsToken.withLock({ $0 }) { limiter.finish() } }
        let started = run.environment.now().monotonic
        defer { IngestMetrics.latency(.extract).recordMilliseconds(run.environment.now().monotonic - started) }
        do throws(FetchError) {
            let response = try Fetcher.fetch(request, cancellation: run.cancellation)
            return judge(response)
        } catch {
            if error.kind == .cancelled { return nil }
            run.report(error.kind.errorType, source: name, error.description)
            return nil
        }
    }

    private func judge(_ response: FetchResponse) -> HTTPPage? {
        let shown = redacted(url: source.url)
        guard response.status == 200 else {
            let type: RunRecord.ErrorType =
                switch response.status {
                case 429: .rateLimited
                case 402: .budget
                default: .httpStatus
                }
            run.report(type, source: name, "\(shown) answered \(response.status): \(excerpt(response.body))")
            return nil
        }
        if let contentType = response.header("content-type"), !contentType.lowercased().contains("json") {
            run.report(.shape, source: name, "\(shown) answered with \(contentType) where JSON is expected: \(excerpt(response.body))")
            return nil
        }
        return HTTPPage(place: shown, body: response.body, fetchedAt: Timestamp(milliseconds: run.environment.now().wall))
    }
}

/// A page as it came.
struct HTTPPage: Sendable {
    /// The URL, secrets masked.
    var place: String
    var body: [UInt8]
    var fetchedAt: Timestamp
}

/// Turns a page of records into batches; on the run's thread.
struct HTTPLoader {
    /// A coin takes about a kilobyte; what is a thousand times that is something else.
    private static let longestRecord = 1 << 20

    let name: String
    let source: HTTPSource
    let run: ActiveRun

    func load(_ page: HTTPPage) -> SourceOutcome {
        let started = run.environment.now().monotonic
        defer { IngestMetrics.latency(.transform).recordMilliseconds(run.environment.now().monotonic - started) }
        let document: JSONDocument
        do throws(JSONDocument.Failure) {
            document = try JSONDocument(parsing: page.body)
        } catch {
            run.report(.parse, source: name, "\(page.place): not JSON: \(error); it begins: \(excerpt(page.body))")
            return .failed
        }
        guard document.root.kind == .array else {
            run.report(.shape, source: name, "\(page.place): an array of records is expected; it begins: \(excerpt(page.body))")
            return .failed
        }
        guard document.root.count > 0 else {
            run.report(.shape, source: name, "\(page.place): the array of records is empty")
            return .failed
        }
        return build(document.root, page)
    }

    private func build(_ records: JSONValue, _ page: HTTPPage) -> SourceOutcome {
        var builder = BatchBuilder(source: name)
        var draft = RowDraft(now: page.fetchedAt, zeroIsNull: source.zeroIsNull, retainMilliseconds: run.environment.retainRowsMilliseconds)
        var seen: Set<SeenRow> = []
        var hasRows = false
        for (index, record) in records.elements.enumerated() where !run.mustStop {
            if builder.isFull(adding: record.raw.count + 4_096, rows: LogFormat.maximumBatchRows) {
                run.submit(&builder, source: name, fetchedAt: page.fetchedAt)
            }
            draft.begin()
            for (field, pointer) in source.fields { draft.set(field, json: record.pointer(pointer)) }
            var isGood = draft.finish()
            if isGood, draft.isTooOld {
                hasRows = true
                builder.skipTooOld()
                continue
            }
            // Records come by rank: of two with one identity the first is the better one (spec section 5).
            if isGood, !seen.insert(SeenRow(symbol: draft.symbol, sourceID: draft.sourceID, timestamp: draft.timestamp)).inserted {
                draft.reject("identity_collision")
                run.update { $0.collisions += 1 }
                isGood = false
            }
            guard record.raw.count <= Self.longestRecord else {
                run.report(
                    .tooLarge,
                    source: name,
                    "\(page.place): record \(index) has \(record.raw.count) bytes; at most \(Self.longestRecord) are taken"
                )
                continue
            }
            let raw = record.withRaw { $0.bytes }
            if isGood {
                hasRows = true
                builder.append(draft) { $0.append(contentsOf: raw) }
            } else {
                builder.quarantine(raw, reasons: draft.reasons, place: page.place, position: index)
            }
        }
        if !builder.isEmpty, !run.mustStop { run.submit(&builder, source: name, fetchedAt: page.fetchedAt) }
        if !hasRows, !run.mustStop {
            run.report(.data, source: name, "\(page.place): none of the \(records.count) records could become a row; they are in quarantine")
        }
        return hasRows ? .loaded : .failed
    }

    private struct SeenRow: Hashable {
        var symbol: [UInt8]
        var sourceID: [UInt8]
        var timestamp: Timestamp
    }
}

/// The first bytes of a body, fit for one line of a log.
private func excerpt(_ body: [UInt8]) -> String {
    let text = String(decoding: body.prefix(120), as: UTF8.self)
    let line = String(text.map { $0.isNewline ? " " : $0 })
    return line.isEmpty ? "(nothing)" : line
}

extension FetchError.Kind {
    /// The metric's and the run record's name for this failure.
    fileprivate var errorType: RunRecord.ErrorType {
        switch self {
        case .timeout: .timeout
        case .tls: .tls
        case .tooLarge: .tooLarge
        case .cancelled: .interrupted
        case .invalidURL, .invalidHeader, .unresolvedHost, .refusedConnection, .network, .refusedAddress, .tooManyRedirects, .refusedRedirect,
            .truncated, .invalidResponse, .internalFailure:
            .network
        }
    }
}
