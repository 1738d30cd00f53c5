import Synchronization
import TickerStore

/// Which files have been read to their end, and how they looked then. Kept in the store's state, each with its file's last rows.
final class FileMemory: Sendable {
    private static let prefix = "file/"
    private let fingerprints: Mutex<[String: FileFingerprint]>

    init(_ state: [(key: String, value: [UInt8])]) {
        var known: [String: FileFingerprint] = [:]
        for (key, value) in state where key.hasPrefix(Self.prefix) {
            known[String(key.dropFirst(Self.prefix.count))] = FileFingerprint(decoding: value)
        }
        fingerprints = Mutex(known)
    }

    static func key(_ path: String) -> String { prefix + path }

    func fingerprint(of path: String) -> FileFingerprint? { fingerprints.withLock { $0[path] } }

    func remember(_ fingerprint: FileFingerprint, of path: String) { fingerprints.withLock { $0[path] = fingerprint } }
}

/// How a source came out of a run.
enum SourceOutcome: Sendable {
    /// It had nothing to do; counts neither way.
    case nothing
    case loaded
    case failed
}
