import MarketData

/// Literals of one number of many rows.
struct NumberLiterals {
    private let field: NumberField
    private var bytes: [UInt8] = []
    private var ends: [Int] = []

    init(of field: NumberField) { self.field = field }

    /// Appends the literals of lines.
    ///
    /// - Throws: `.corrupt` when one of them is no row.
    mutating func append(_ lines: LineBuffer) throws(StoreError) {
        for index in lines.starts.indices {
            let line = lines.bytes.span.extracting(lines.starts[index]..<lines.starts[index] + lines.lengths[index])
            guard let layout = TickerLineLayout(line) else { throw StoreError(.corrupt, "a stored line is no row. \(LogRecovery.advice)") }
            line.extracting(layout[field]).withUnsafeBufferPointer { bytes.append(contentsOf: $0) }
            ends.append(bytes.count)
        }
    }

    /// Less than 0 when one of them is read before another.
    func compare(_ a: Int, with b: Int, in order: NumberOrder) -> Int {
        order.compare(bytes.span.extracting(range(a)), bytes.span.extracting(range(b)))
    }

    /// Less than 0 when `literal` is read before one of them.
    func compare(_ literal: [UInt8], with b: Int, in order: NumberOrder) -> Int {
        order.compare(literal.span, bytes.span.extracting(range(b)))
    }

    private func range(_ index: Int) -> Range<Int> { (index == 0 ? 0 : ends[index - 1])..<ends[index] }
}
