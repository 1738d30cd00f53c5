/// Which source each series of the store is of, as numbers: a filter by source then compares no text.
struct SeriesSources: Sendable {
    /// The names, in order of appearance.
    private(set) var names: [[UInt8]] = []
    /// By series number.
    private(set) var ofSeries: [UInt32] = []
    private var numbers: [[UInt8]: UInt32] = [:]

    /// Notes the source of the next series.
    mutating func append(_ name: [UInt8]) {
        if let known = numbers[name] {
            ofSeries.append(known)
        } else {
            let number = UInt32(names.count)
            numbers[name] = number
            names.append(name)
            ofSeries.append(number)
        }
    }

    func number(of name: [UInt8]) -> UInt32? { numbers[name] }

    /// The numbers of all sources in the order of their names.
    var inOrder: [UInt32] {
        names.indices.sorted { names[$0].lexicographicallyPrecedes(names[$1]) }.map(UInt32.init)
    }
}
