import MarketData
import TickerStore

/// Something that goes wrong, from the first sign of it until it is over.
struct Incident: Sendable, Equatable {
    /// Attempts in a row that failed; 0 where nobody counts.
    var attempts = 0
    var since: Timestamp
    /// The newest run that failed.
    var runID: String?
    var cause: String
    /// nil: nobody was told, so nobody is told of its end.
    var alertedAt: Timestamp?
    /// Where the alert has arrived.
    var delivered: Set<AlertChannel> = []
    /// Since when it seems to be over; not kept, so that a restart looks anew.
    var overSince: Moment?
}

extension Incident {
    /// As the store's state has it, under the key of what it is about.
    func change(of key: IncidentKey) -> StateChange {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("attempts", attempts)
        writer.member("since", since.description)
        writer.member("run_id", runID)
        writer.member("cause", cause)
        writer.member("alerted_at", alertedAt?.description)
        writer.array("delivered", delivered.map(\.rawValue).sorted()) { $0.string($1) }
        writer.endObject()
        return StateChange(key: key.text, value: writer.bytes)
    }

    /// nil when it cannot be read.
    init?(_ bytes: [UInt8]) {
        guard let root = try? JSONDocument(parsing: bytes).root,
            let since = root.member("since")?.string.flatMap({ try? Timestamp.parse($0) }), let cause = root.member("cause")?.string
        else { return nil }
        self.since = since
        self.cause = cause
        attempts = Int(root.member("attempts")?.integer ?? 0)
        runID = root.member("run_id")?.string
        alertedAt = root.member("alerted_at")?.string.flatMap { try? Timestamp.parse($0) }
        delivered = Set(root.member("delivered")?.elements.compactMap { $0.string.flatMap(AlertChannel.init) } ?? [])
    }
}
