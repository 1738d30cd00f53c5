import MarketData
import Synchronization
import TickerStore

/// The newest numbers of symbols in the store, as new shapes are compared with them; reads each symbol once.
final class StoredValues: Sendable {
    /// Symbols that are looked up; a sample has no more that are compared.
    private static let symbolsRead = 1_000

    private let snapshot: @Sendable () -> Snapshot
    private let rows = Mutex<[String: [UInt8]]>([:])

    init(_ snapshot: @escaping @Sendable () -> Snapshot) { self.snapshot = snapshot }

    /// - Parameter symbol: upper case.
    /// - Returns: nil when the store has no such symbol, or no such number of it.
    func value(_ symbol: String, _ field: TickerField) -> Double? {
        let line = rows.withLock { rows -> [UInt8] in
            if let known = rows[symbol] { return known }
            guard rows.count < Self.symbolsRead else { return [] }
            var query = RowQuery()
            query.symbols = [Array(symbol.utf8)]
            query.limit = 1
            let found = (try? snapshot().page(query))?.bytes ?? []
            rows[symbol] = found
            return found
        }
        guard !line.isEmpty, let value = try? JSONDocument(parsing: line).root.member(field.rawValue), value.kind == .number else { return nil }
        return value.withRaw { Double(String(decoding: $0.bytes, as: UTF8.self)) }
    }
}
