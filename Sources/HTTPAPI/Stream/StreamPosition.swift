/// A place in the sequence of committed rows, as the ids of `/stream` say it.
///
/// `1234` is behind commit 1234; `1234.500` is behind its first 500 rows, so that a reader who was cut off between two events of one large commit
/// goes on between them.
struct StreamPosition: Comparable, Sendable {
    /// The commit's number.
    var sequence: UInt64
    /// Rows of it that were passed; nil: all.
    var rows: Int?

    init(sequence: UInt64, rows: Int? = nil) {
        self.sequence = sequence
        self.rows = rows
    }

    /// From an id; nil when it is none of ours.
    init?(_ text: String) {
        func number(_ digits: Substring) -> UInt64? {
            digits.utf8.allSatisfy { (0x30...0x39).contains($0) } ? UInt64(digits) : nil
        }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let sequence = number(parts[0]) else { return nil }
        self.sequence = sequence
        if parts.count == 2 {
            guard let rows = number(parts[1]).flatMap({ Int(exactly: $0) }), rows > 0 else { return nil }
            self.rows = rows
        }
    }

    var text: String { rows.map { "\(sequence).\($0)" } ?? "\(sequence)" }

    static func < (a: StreamPosition, b: StreamPosition) -> Bool {
        a.sequence != b.sequence ? a.sequence < b.sequence : (a.rows ?? .max) < (b.rows ?? .max)
    }
}
