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
        let upstream = source.upstream
        let url = upstream.url + (upstream.query.isEmpty ? "" : "?" + upstream.query.map { $0.name + "=" + $0.value }.joined(separator: "&"))
        guard let response = UpstreamClient(name: name, upstream: upstream, run: run, limiter: limiter).get(url) else { return nil }
        let shown = redacted(url: url)
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
        var draft = RowDraft(now: page.fetchedAt, format: source.format, retainMilliseconds: run.environment.retainRowsMilliseconds)
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
