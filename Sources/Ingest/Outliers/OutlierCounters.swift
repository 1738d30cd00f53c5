import CoreMetrics
import Synchronization

/// The counters behind `outlier_detected_total`, over all runs of the process.
final class OutlierCounters: Sendable {
    fileprivate struct State {
        var symbols = OutlierSymbols()
        /// Made when they are needed; by the symbol's number, field and type.
        var counters = [Counter?](
            repeating: nil,
            count: (OutlierSymbols.named + 1) * OutlierField.allCases.count * OutlierType.allCases.count
        )
    }

    private let state = Mutex(State())
    private let make: @Sendable (OutlierField, OutlierType, _ symbol: String) -> Counter

    init(make: @escaping @Sendable (OutlierField, OutlierType, _ symbol: String) -> Counter = IngestMetrics.outliers) { self.make = make }

    /// Gives symbols that are tested their series at 0, as long as there are any to give: what appears with 1 has not increased.
    func begin(_ symbols: some Sequence<[UInt8]>) {
        state.withLock { state in
            if state.symbols.isFull { return }
            for symbol in symbols {
                guard let number = state.symbols.add(symbol) else { continue }
                for field in OutlierField.allCases {
                    for type in OutlierType.allCases { _ = state.counter(number, symbol, field, type, make) }
                }
            }
        }
    }

    func add(_ counts: [OutlierCount]) {
        state.withLock { state in
            for count in counts {
                let number = state.symbols.number(of: count.symbol)
                state.counter(number, count.symbol, count.field, count.type, make).increment(by: count.count)
            }
        }
    }
}

extension OutlierCounters.State {
    fileprivate mutating func counter(
        _ number: Int,
        _ symbol: [UInt8],
        _ field: OutlierField,
        _ type: OutlierType,
        _ make: (OutlierField, OutlierType, String) -> Counter
    ) -> Counter {
        let place = (number * OutlierField.allCases.count + field.rawValue) * OutlierType.allCases.count + type.ordinal
        if let counter = counters[place] { return counter }
        let counter = make(field, type, symbols.label(number, symbol))
        counters[place] = counter
        return counter
    }
}

/// The symbols that have series of their own: the first ones that come. All others share one, so that the number of series is bounded (spec
/// section 10).
struct OutlierSymbols {
    static let named = 100

    private var numbers: [[UInt8]: Int] = [:]

    /// Whether all that come now share a series.
    var isFull: Bool { numbers.count >= Self.named }

    /// The number of a symbol that is new and has a series of its own; nil for others.
    mutating func add(_ symbol: [UInt8]) -> Int? {
        if isFull || numbers[symbol] != nil { return nil }
        return number(of: symbol)
    }

    /// From 0; `named` for all symbols that share a series.
    mutating func number(of symbol: [UInt8]) -> Int {
        if let number = numbers[symbol] { return number }
        let number = numbers.count
        if number < Self.named { numbers[symbol] = number }
        return number
    }

    /// The metric's label for a symbol that has this number.
    func label(_ number: Int, _ symbol: [UInt8]) -> String {
        number < Self.named ? String(decoding: symbol, as: UTF8.self) : IngestMetrics.otherSymbol
    }
}
