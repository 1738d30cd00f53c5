import HTTPTypes
import Ingest

extension Problem {
    /// Why no run was started.
    init(_ error: RefreshError) {
        switch error {
        case .unknownSource(let name, let known):
            let list = known.isEmpty ? "none is configured" : known.map { "`\($0)`" }.joined(separator: ", ")
            self = .invalidParameter(
                "source",
                "There is no source `\(name)`." + Suggestion.text(for: name, among: known) + " Configured: \(list)."
            )
        case .draining:
            self = .unavailable("draining", "The server is shutting down; no run was started. Ask again when it is back.")
        case .busy(let runID):
            self = Problem(.conflict, code: "run_in_progress", detail: "Run \(runID) goes on; ask again when it has ended.")
        case .nothingWaits:
            self = Problem(.notFound, code: "nothing_waits", detail: "No quarantined record is meant by that, so no run was started.")
        case .clock(let reason):
            self = .unavailable("clock", "No run was started: \(reason)")
        case .noThread(let reason):
            self = .unavailable("no_thread", "No run was started: \(reason)")
        case .storeUnavailable(let reason):
            self = .unavailable("store_read_only", "The store takes no writes, so no run was started: \(reason)")
        }
    }
}
