import MarketData

@testable import TickerStore

/// The order of rows as the specification says it, with none of the store's own comparisons.
struct NaiveOrder {
    let query: RowQuery

    init(_ query: RowQuery) { self.query = query }

    /// Rows in order, with what they are ordered by.
    struct List {
        fileprivate let order: NaiveOrder
        fileprivate let entries: [(row: TestRow, parts: Parts)]

        var rows: [TestRow] { entries.map(\.row) }

        /// Those behind a place.
        func rows(behind place: RowPosition) -> ArraySlice<TestRow> {
            let series = place.series
            let number = place.literal.isEmpty ? "null" : String(decoding: place.literal, as: UTF8.self)
            let texts = [series.symbol, series.source, series.sourceID]
            let parts = Parts(order.query, number: number, texts: texts, milliseconds: place.timestamp.milliseconds)
            return rows[(entries.firstIndex { order.precedes(parts, $0.parts) } ?? entries.count)...]
        }
    }

    func list(_ rows: [TestRow]) -> List {
        let entries = rows.map { row in
            let texts = [row.key.symbol, row.key.source, row.key.sourceID]
            return (row: row, parts: Parts(query, number: number(row), texts: texts, milliseconds: row.milliseconds))
        }
        return List(order: self, entries: entries.sorted { precedes($0.parts, $1.parts) })
    }

    /// The literal that a position at this row has.
    func literal(_ row: TestRow) -> [UInt8] { number(row) == "null" ? [] : Array(number(row).utf8) }

    private func number(_ row: TestRow) -> String {
        switch query.order {
        case .number(.price): row.price
        case .number(.volume): row.volume
        case .number(.marketCap): row.marketCap
        case .number(.percentChange): row.percentChange
        case .timestamp, .symbol, .source: "null"
        }
    }

    private func precedes(_ a: Parts, _ b: Parts) -> Bool {
        if a.isNull != b.isNull { return a.isNull == query.hasNullsFirst }
        return query.direction == .ascending ? a.text < b.text : b.text < a.text
    }

    /// All that a row is ordered by, as one ASCII text whose order is that of the rows.
    fileprivate struct Parts {
        let isNull: Bool
        let text: String

        init(_ query: RowQuery, number: String, texts: [[UInt8]], milliseconds: Int64) {
            isNull = query.order.field != nil && number == "null"
            // Lower than any digit at the end: a text comes before those that it begins.
            let names = texts.map { $0.map { String(Int($0) + 256, radix: 16) }.joined() + "!" }
            let time = String(milliseconds + 1_000_000_000_000_000_000)
            text =
                switch query.order {
                case .timestamp: time + names.joined()
                case .symbol: names.joined() + time
                case .source: names[1] + names[0] + names[2] + time
                case .number: (isNull ? "" : Self.digits(number)) + names.joined() + time
                }
        }

        /// 64 digits before the point and 64 behind it; of a negative number each digit's distance from nine.
        private static func digits(_ literal: String) -> String {
            let isNegative = literal.hasPrefix("-")
            let parts = literal.split(separator: "-").joined().split(separator: ".")
            let fraction = parts.count > 1 ? String(parts[1]) : ""
            let digits = String(repeating: "0", count: 64 - parts[0].count) + parts[0] + fraction + String(repeating: "0", count: 64 - fraction.count)
            return isNegative ? "0" + String(decoding: digits.utf8.map { 105 - $0 }, as: UTF8.self) : "1" + digits
        }
    }

    /// Numbers that are equal in value, in their first sixteen digits, or in most of sixty; and null.
    static let literals: [String] = [
        "null", "0", "0.00", "1", "1.0", "1.00", "-5", "-5.0", "-0.5", "5", "10", "0.1", "1000000", "999999999999999", "1234567890123456",
        "1234567890123456.0", "12345678901234567", "12345678901234568", "12345678901234560", "-12345678901234567", "-12345678901234568",
        "1.000000000000000000000000000000000000000000000000000000000001", "1.000000000000000000000000000000000000000000000000000000000002",
        "1.000000000000001", "1.0000000000000001", "1.0000000000000002", "0.0000000000000000000000001234567890123456",
        "0.00000000000000000000000012345678901234567", "123456789012345678901234567890123456789012345678901234567891",
        "123456789012345678901234567890123456789012345678901234567892", "123456789012345678901234567890123456789012345678901234567892.0",
    ]

    /// A number that depends on nothing but the row's key: the same row always has it.
    static func literal(of row: TestRow, salt: UInt64) -> String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325 ^ salt
        for byte in "\(row.key)/\(row.milliseconds)".utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return literals[Int((hash >> 20) % UInt64(literals.count))]
    }
}
