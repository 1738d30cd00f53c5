/// The last values of one field of one series, and what a new value is against them (spec section 5). Pure.
struct OutlierWindow {
    /// Values that are kept.
    static let length = 20
    /// Values that it takes to test another one.
    static let fewest = 8
    /// A z-score above it is an outlier, and so is a jump above that.
    static let largestScore = 2.5
    static let largestJump = 0.5
    /// The standard deviation counts as at least this part of the mean: a price that hardly moved is not odd when it moves a little.
    static let smallestDeviation = 0.005

    /// What an odd value was measured against.
    struct Judgement: Equatable {
        /// Of the values in the window.
        var mean: Double
        /// Their standard deviation, as of a whole population.
        var deviation: Double
        /// The newest of them.
        var last: Double
        var samples: Int
        /// (value − mean) ÷ deviation, without sign; nil when that is not odd. Infinite after nothing but zeros.
        var score: Double?
        /// (value − last) ÷ last, without sign; nil when that is not odd. Infinite after a zero.
        var jump: Double?
    }

    /// A ring; zeros where nothing is yet.
    private var values = InlineArray<20, Double>(repeating: 0)
    private var next = 0
    private(set) var count = 0

    /// What is odd about a value that is not in the window; nil when nothing is, or when there are too few values to tell.
    @inline(__always)
    func judge(_ value: Double) -> Judgement? {
        guard count >= Self.fewest else { return nil }
        let mean = sum / Double(count)
        let last = values[next == 0 ? Self.length - 1 : next - 1]
        // Not divided: most values are not odd, and then neither a root nor a quotient is needed.
        let isJump = abs(value - last) > Self.largestJump * last
        if !isJump, abs(value - mean) <= Self.largestScore * Self.smallestDeviation * mean { return nil }
        return judge(value, mean: mean, last: last)
    }

    @inline(never)
    private func judge(_ value: Double, mean: Double, last: Double) -> Judgement? {
        let variance = squares(around: mean) / Double(count)
        let floor = Self.smallestDeviation * mean
        let (distance, jump) = (abs(value - mean), abs(value - last))
        // Squares still, and products: of zero after zeros nothing is larger.
        let isOdd = distance * distance > Self.largestScore * Self.largestScore * max(variance, floor * floor)
        let isJump = jump > Self.largestJump * last
        guard isOdd || isJump else { return nil }
        let deviation = variance.squareRoot()
        return Judgement(
            mean: mean,
            deviation: deviation,
            last: last,
            samples: count,
            score: isOdd ? distance / max(deviation, floor) : nil,
            jump: isJump ? jump / last : nil
        )
    }

    /// Takes a value in; the oldest one goes when there are more than `length`.
    @inline(__always)
    mutating func append(_ value: Double) {
        values[next] = value
        next = next == Self.length - 1 ? 0 : next + 1
        if count < Self.length { count += 1 }
    }

    /// Anew each time: a sum that is carried along would keep the rounding errors of a huge value for ever.
    private var sum: Double { total { $0 } }

    /// The sum of the squares of the differences to `mean`.
    private func squares(around mean: Double) -> Double {
        if count == Self.length { return total { ($0 - mean) * ($0 - mean) } }
        var squares = 0.0
        for index in 0..<count { squares += (values[index] - mean) * (values[index] - mean) }
        return squares
    }

    /// In four parts, which need not wait for each other.
    @inline(__always)
    private func total(_ term: (Double) -> Double) -> Double {
        var (a, b, c, d) = (0.0, 0.0, 0.0, 0.0)
        var index = 0
        while index < Self.length {
            a += term(values[index])
            b += term(values[index + 1])
            c += term(values[index + 2])
            d += term(values[index + 3])
            index += 4
        }
        return (a + b) + (c + d)
    }
}
