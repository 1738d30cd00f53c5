import CoreMetrics
import Synchronization

/// The counters behind `outlier_detected_total`, over all runs of the process.
final class OutlierCounters: Sendable {
    private struct State {
        var symbols = OutlierSymbols()
        /// Made when they are needed; by the symbol's number, field and type.
        var counters = [Counter?](
            repeating: nil,
            count: (OutlierSymbols.named + 1) * OutlierField.allCases.count * OutlierType.allCases.count
        )
    }

    private let state = Mutex(State())

    func add(_ counts: [OutlierCount]) {
        state.withLock { state in
            for count in counts {
                let number = state.symbols.number(of: count.symbol)
                let place = (number * OutlierField.allCases.count + count.field.rawValue) * OutlierType.allCases.count + count.type.ordinal
                let counter =
                    state.counters[place]
                    ?? IngestMetrics.outliers(field: count.field, type: count.type, symbol: state.symbols.label(number, count.symbol))
                state.counters[place] = counter
                counter.increment(by: count.count)
            }
        }
    }
}

/// The symbols that have series of their own: the first ones that come. All others share one, so that the number of series is bounded (spec
/// section 10).
struct OutlierSymbols {
    static let named = 100

    private var numbers: [[UInt8]: Int] = [:]

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
