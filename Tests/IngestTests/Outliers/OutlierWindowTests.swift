import MarketData
import TestSupport
import Testing

@testable import Ingest

@Suite struct OutlierWindowTests {
    /// The rule as the specification writes it, over a plain list of the values before.
    private struct Reference {
        var values: [Double] = []

        func judge(_ value: Double) -> (score: Double, jump: Double)? {
            let window = values.suffix(20)
            guard window.count >= 8 else { return nil }
            let mean = window.reduce(0, +) / Double(window.count)
            let sigma = (window.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / Double(window.count)).squareRoot()
            return (abs(value - mean) / max(sigma, 0.005 * abs(mean)), abs(value - window.last!) / abs(window.last!))
        }
    }

    /// A value that may follow `last`: mostly a small step, sometimes the same, a zero, or something of another size.
    private static func follower(of last: Double, _ random: inout SplitMix64) -> Double {
        switch random.below(20) {
        case 0: 0
        case 1: last * Double(random.below(300)) / 100
        case 2: Double(random.below(1_000_000)) * (random.bool() ? 1e-9 : 1e9)
        case 3..<9: last
        default: last * (1 + (Double(random.below(1_001)) - 500) / 20_000)
        }
    }

    @Test(arguments: [1, 2, 3, 4, 5] as [UInt64]) func judgesAsThePlainFormulaDoes(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var (odd, jumps) = (0, 0)
        for _ in 0..<200 {
            var window = OutlierWindow()
            var reference = Reference()
            var value = Double(1 + random.below(1_000_000)) / 100
            for _ in 0..<60 {
                value = Self.follower(of: value, &random)
                let judgement = window.judge(value)
                let (score, jump) = reference.judge(value) ?? (0, 0)
                // Rounding may tell apart what lies on the very bound.
                if abs(score - 2.5) > 1e-9, abs(jump - 0.5) > 1e-9 {
                    #expect((judgement?.score != nil) == (score > 2.5) && (judgement?.jump != nil) == (jump > 0.5), "\(reference.values) \(value)")
                }
                if let found = judgement?.score, found.isFinite { #expect(abs(found - score) <= 1e-6 * score, "\(found), not \(score)") }
                if let found = judgement?.jump { #expect(found == jump) }
                if let judgement { #expect(judgement.samples == min(20, reference.values.count) && judgement.last == reference.values.last) }
                odd += judgement?.score == nil ? 0 : 1
                jumps += judgement?.jump == nil ? 0 : 1
                window.append(value)
                reference.values.append(value)
            }
        }
        #expect(odd > 500 && jumps > 500, "the values are not odd enough to tell anything: \(odd), \(jumps)")
    }

    private static func window(_ values: [Double]) -> OutlierWindow {
        var window = OutlierWindow()
        for value in values { window.append(value) }
        return window
    }

    @Test func sevenValuesAreTooFewToTest() {
        #expect(Self.window([Double](repeating: 1, count: 7)).judge(1_000) == nil)
        #expect(Self.window([Double](repeating: 1, count: 8)).judge(1_000) != nil)
    }

    @Test func aConstantCountsAsIfItWandered() {
        let window = Self.window([Double](repeating: 100, count: 20))
        #expect(window.judge(101.24) == nil && window.judge(98.76) == nil, "1.25 % is the bound")
        #expect(window.judge(101.26)?.score != nil && window.judge(98.74)?.score != nil)
        #expect(window.judge(102)?.score == 4 && window.judge(102)?.deviation == 0 && window.judge(102)?.jump == nil)
    }

    @Test func aJumpAmongWildValuesIsNoScore() {
        let judgement = Self.window([1, 9, 2, 8, 1, 9, 2, 8, 1]).judge(7)
        #expect(judgement?.jump == 6 && judgement?.score == nil)
        #expect(Self.window([1, 9, 2, 8, 1, 9, 2, 8, 2]).judge(3) == nil, "half of it is no jump yet")
    }

    @Test func afterZerosAnythingIsInfinitelyFar() {
        let window = Self.window([Double](repeating: 0, count: 20))
        #expect(window.judge(0) == nil)
        #expect(window.judge(0.1)?.score == .infinity && window.judge(0.1)?.jump == .infinity)
    }

    @Test func aHugeValueLeavesNothingBehind() {
        var window = Self.window([1e60])
        for _ in 0..<20 { window.append(2) }
        #expect(window.judge(2.01) == nil && window.judge(3)?.mean == 2)
    }

    @Test func numbersAreThoseOfTheirLiterals() {
        var random = SplitMix64(seed: 7)
        for _ in 0..<2_000 {
            let digits = (0..<(1 + random.below(40))).map { _ in Character(String(random.below(10))) }
            let fraction = (0..<random.below(24)).map { _ in Character(String(random.below(10))) }
            let text = String(digits).drop { $0 == "0" }
            let literal = (text.isEmpty ? "0" : text) + (fraction.isEmpty ? "" : "." + String(fraction))
            let bytes = Array(literal.utf8)
            let empty: [UInt8] = []
            let numbers = TestedNumbers(price: bytes.span, volume: empty.span, marketCap: bytes.span)
            let exact = Double(literal)!
            #expect(abs(numbers[.price] - exact) <= 1e-15 * exact && numbers[.volume].isNaN && numbers[.marketCap] == numbers[.price], "\(literal)")
        }
    }
}
