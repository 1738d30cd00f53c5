/// A place in the sequence of committed rows, as the ids of `/stream` say it.
///
/// `1234` is behind commit 1234; `1234.500` is behind its first 500 rows, so that a reader who was cut off between two events of one large commit
/// goes on between them. In a store that was a backup once, `1234-5f3a09c1`: there the numbers behind the backup's end mean other commits than in the
/// store that it was made of, and than in the next one that is restored.
struct StreamPosition: Comparable, Sendable {
    /// The commit's number.
    var sequence: UInt64
    /// Rows of it that were passed; nil: all.
    var rows: Int?
    /// Of the store; nil: it never was a backup, nor was it repaired.
    var history: UInt32?

    init(sequence: UInt64, rows: Int? = nil, history: UInt32? = nil) {
        self.sequence = sequence
        self.rows = rows
        self.history = history
    }

    /// From an id; nil when it is none of ours.
    init?(_ text: String) {
        func number(_ digits: Substring) -> UInt64? {
            digits.utf8.allSatisfy { (0x30...0x39).contains($0) } ? UInt64(digits) : nil
        }
        let halves = text.split(separator: "-", omittingEmptySubsequences: false)
        let parts = halves[0].split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let sequence = number(parts[0]) else { return nil }
        self.sequence = sequence
        if parts.count == 2 {
            guard let rows = number(parts[1]).flatMap({ Int(exactly: $0) }), rows > 0 else { return nil }
            self.rows = rows
        }
        if halves.count == 1 { return }
        let isHistory = halves.count == 2 && halves[1].utf8.count == 8 && halves[1].allSatisfy(\.isHexDigit)
        guard isHistory, let history = UInt32(halves[1], radix: 16) else { return nil }
        self.history = history
    }

    var text: String {
        let place = rows.map { "\(sequence).\($0)" } ?? "\(sequence)"
        guard let history else { return place }
        let digits = String(history, radix: 16)
        return place + "-" + String(repeating: "0", count: 8 - digits.utf8.count) + digits
    }

    /// Of one history.
    static func < (a: StreamPosition, b: StreamPosition) -> Bool {
        a.sequence != b.sequence ? a.sequence < b.sequence : (a.rows ?? .max) < (b.rows ?? .max)
    }
}
