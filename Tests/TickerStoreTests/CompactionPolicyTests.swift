import Testing

@testable import TickerStore

/// Which segments are written anew, and which are left alone.
@Suite struct CompactionPolicyTests {
    typealias Candidate = CompactionPolicy.Candidate

    /// - Parameter span: First and last instant.
    static func segment(_ id: UInt64, rows: Int, dead: Int = 0, _ span: ClosedRange<Int64>) -> Candidate {
        let info = SegmentInfo(
            family: .tickers,
            id: id,
            rows: rows,
            earliest: span.lowerBound,
            latest: span.upperBound,
            bytes: 0,
            crc: 0,
            indexBytes: 0,
            indexCRC: 0,
            live: [:],
            recorded: span
        )
        return Candidate(info, deadRows: dead)
    }

    /// Segments of one size, each behind the other in time.
    static func row(_ ids: ClosedRange<UInt64>, rows: Int) -> [Candidate] {
        ids.map { id in
            let start = Int64(id) * 10
            return segment(id, rows: rows, start...start + 9)
        }
    }

    /// Segments of one size over the same time.
    static func stack(_ ids: ClosedRange<UInt64>, rows: Int) -> [Candidate] {
        ids.map { segment($0, rows: rows, 0...99) }
    }

    let policy = CompactionPolicy()

    @Test func moreThanAQuarterDeadIsWrittenAnew() {
        #expect(policy.choose([Self.segment(1, rows: 100, dead: 25, 0...9)]).isEmpty)
        #expect(policy.choose([Self.segment(1, rows: 100, dead: 26, 0...9)]) == [1])
    }

    @Test func eightSmallNeighboursBecomeOne() {
        #expect(policy.choose(Self.row(1...7, rows: 4_000)).isEmpty)
        #expect(policy.choose(Self.row(1...8, rows: 4_000)) == Array(1...8))
    }

    @Test func segmentsThatAreLargeAndApartAreLeftAlone() {
        #expect(policy.choose(Self.row(1...40, rows: 2_000_000)).isEmpty)
    }

    @Test func fiveOverOneInstantBecomeFour() {
        #expect(policy.choose(Self.stack(1...4, rows: 600_000)).isEmpty)
        #expect(policy.choose(Self.stack(1...5, rows: 600_000)).count == 2)
    }

    @Test func aFewRowsWaitBeforeTheyMoveALargeSegment() {
        let large = Self.stack(1...4, rows: 2_000_000)
        #expect(policy.choose(large + Self.stack(5...5, rows: 2_000)).isEmpty)
        let chosen = policy.choose(large + Self.stack(5...12, rows: 2_000))
        #expect(chosen == Array(5...12), "the large ones are written anew for a few rows, or the small ones never: \(chosen)")
    }

    @Test func overlapIsBoundedEvenSo() {
        #expect(!policy.choose(Self.stack(1...17, rows: 2_000_000)).isEmpty)
        let sizes = (0..<17).map { Self.segment(UInt64($0 + 1), rows: 600_000 << ($0 * 3), 0...99) }
        #expect(!policy.choose(sizes).isEmpty, "more than sixteen over one instant")
    }

    @Test func whatOneJobWritesAnewIsBounded() {
        #expect(policy.chooseAll(Self.stack(1...50, rows: 1_000), maximumRows: 2 << 20).count == policy.fanIn)
    }

    @Test func aPairTooLargeForOneJobDoesNotHideTheOthers() {
        let pair = [Self.segment(1, rows: 3_000_000, 0...9), Self.segment(2, rows: 3_000_000, 5...14)]
        #expect(policy.chooseAll(pair + Self.row(3...4, rows: 10), maximumRows: 2 << 20) == [2, 3, 4])
    }
}
