import MarketData
import Testing

@Suite struct DecimalCompareTests {
    static func compare(_ a: String, _ b: String) -> Int { sign(DecimalLiteral.compare(bytes(a).span, bytes(b).span)) }

    /// In ascending order, equal values in one row.
    static let ladder = [
        ["-1" + String(repeating: "0", count: 62)], ["-1000.1"], ["-1000", "-1000.00"], ["-2.5", "-2.500"], ["-0.00001"],
        ["0", "0.0", "0.00000"], ["0." + String(repeating: "0", count: 61) + "1"], ["0.09"], ["0.1", "0.10"], ["0.11"],
        ["1", "1.0"], ["1.0000000000000000000000001"], ["9.99"], ["10"], ["1941062", "1941062.0"],
        ["123456789012345678901234.5"], ["123456789012345678901234.51"], [String(repeating: "9", count: 64)],
    ]

    @Test func valuesAreOrderedExactly() {
        for (lower, equals) in Self.ladder.enumerated() {
            for (higher, others) in Self.ladder.enumerated() {
                for a in equals {
                    for b in others {
                        #expect(Self.compare(a, b) == sign(lower - higher), "\(a) and \(b)")
                    }
                }
            }
        }
    }
}
