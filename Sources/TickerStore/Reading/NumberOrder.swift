import MarketData

/// The order of a number, as it is read: in which direction, and where null is.
///
/// A key becomes its *digits*, a word that is smaller for the row that is read earlier, whatever the direction. Rows of equal digits
/// have equal numbers where both keys are exact (`NumberKey`); of others the literals have to be compared.
struct NumberOrder {
    let field: NumberField
    let direction: SortDirection
    private let flip: UInt64
    private let null: UInt64

    init(_ field: NumberField, _ direction: SortDirection, hasNullsFirst: Bool) {
        self.field = field
        self.direction = direction
        flip = direction == .ascending ? 0 : ~0
        null = hasNullsFirst ? 0 : ~0
    }

    @inline(__always)
    func digits(_ key: UInt64) -> UInt64 { key == NumberKey.null ? null : (key ^ flip) >> 1 }

    /// Of two keys with the same digits, one of which is exact: whether the first is read before the second.
    func precedes(_ a: UInt64, _ b: UInt64) -> Bool { (a ^ flip) < (b ^ flip) }

    /// Less than 0 when literal `a` is read before literal `b`.
    func compare(_ a: Span<UInt8>, _ b: Span<UInt8>) -> Int {
        let order = DecimalLiteral.compare(a, b)
        return direction == .ascending ? order : -order
    }

    /// What settles equal numbers, smaller for the row that is read earlier.
    @inline(__always)
    func tie(position: Int, timestamp: Int64) -> (series: UInt32, time: UInt64) {
        let time = UInt64(bitPattern: timestamp) ^ 1 << 63
        return direction == .ascending ? (UInt32(position), time) : (~UInt32(position), ~time)
    }
}

/// A row on its way into a page in the order of a number.
struct NumberCandidate {
    /// See `NumberOrder`.
    var digits: UInt64
    var time: UInt64
    var series: UInt32
    var group: Int32
    var row: Int32
    var isExact: Bool

    /// Whether the row is read before another one, if their numbers are equal where their digits are.
    @inline(__always)
    static func < (a: NumberCandidate, b: NumberCandidate) -> Bool {
        if a.digits != b.digits { return a.digits < b.digits }
        return a.isTieBefore(b)
    }

    @inline(__always)
    func isTieBefore(_ other: NumberCandidate) -> Bool { (series, time) < (other.series, other.time) }

    var place: RowScan.Place { RowScan.Place(group: group, row: row) }
}
