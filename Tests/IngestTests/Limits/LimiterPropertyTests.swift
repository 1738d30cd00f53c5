import TestSupport
import Testing

@testable import Ingest

/// Promise 4 of the specification over 10,000 hours of random requests, answers, deaths and clocks.
@Suite struct LimiterPropertyTests {
    @Test(arguments: UInt64(1)...20) func noMinuteEverHoldsMoreCallsThanTheQuota(seed: UInt64) {
        var simulation = LimiterSimulation(seed: seed)
        simulation.run(hours: 500)
        #expect(simulation.violation == nil, "seed \(seed), quota \(simulation.quota)")
        #expect(simulation.calls > 2_000, "seed \(seed): only \(simulation.calls) calls, too few to show anything")
        #expect(simulation.quietTimes > 100 && simulation.restarts > 100, "seed \(seed)")
    }
}

/// A source, its network and its machine, with a time of its own that no clock shows.
private struct LimiterSimulation {
    let quota: Int
    private(set) var violation: String?
    private(set) var calls = 0
    private(set) var quietTimes = 0
    private(set) var restarts = 0

    private var random: SplitMix64
    /// Whether the API ever throttles.
    private let throttles: Bool
    private var limiter: RequestLimiter
    /// The last state that reached the disk, and when it was encoded.
    private var durable: (limiter: RequestLimiter, at: Moment)
    /// Milliseconds that have really passed, when the machine was booted, and by how much its clock is wrong.
    private var time: Int64 = 0
    private var boot: Int64 = -1_000_000
    private var clockError: Int64 = 0
    private var inFlight = 0
    /// When calls of the last minute ended, really.
    private var ends: [Int64] = []

    init(seed: UInt64) {
        random = SplitMix64(seed: seed)
        quota = random.below(12) + 1
        throttles = random.bool()
        let start = Moment(wall: 1_767_225_600_000, monotonic: 1_000_000)
        limiter = RequestLimiter(quota: Quota(perMinute: quota), at: start)
        durable = (limiter, start)
    }

    private var now: Moment { Moment(wall: 1_767_225_600_000 + time + clockError, monotonic: time - boot) }

    mutating func run(hours: Int64) {
        while time < hours * 3_600_000, violation == nil {
            switch random.below(100) {
            case ..<55: time += Int64(random.below(2_000))
            case ..<85: time += Int64(random.below(45_000))
            default: time += Int64(random.below(900_000))
            }
            switch random.below(100) {
            case ..<60: for _ in 0...random.below(quota + 2) { send() }
            case ..<85: if inFlight > 0 { answer() }
            case ..<92: die()
            case ..<97: setClock()
            default: beQuiet()
            }
        }
    }

    /// Sends a request when that is allowed; most are answered soon.
    private mutating func send() {
        guard inFlight < 3, limiter.admit(random.below(20) == 0 ? .manual : .scheduled, at: now) == .granted else { return }
        if random.below(50) == 0 {
            // The disk is full.
            limiter.giveBack()
            return
        }
        durable = (limiter, now)
        ends.removeAll { time - $0 >= 60_000 }
        inFlight += 1
        calls += 1
        if ends.count + inFlight > quota { violation = "after \(time) ms: \(ends.count) calls ended in the minute before, \(inFlight) in flight" }
        if random.below(10) == 0 { return }
        time += Int64(random.below(random.bool() ? 3 : 1_500))
        answer()
    }

    private mutating func answer() {
        limiter.finish(at: now)
        inFlight -= 1
        ends.append(time)
        let usual: [Int?] = [200, 200, 200, 200, 200, 404, 500, nil]
        let status = throttles && random.below(20) == 0 ? random.pick([429, 429, 503, 402]) : random.pick(usual)
        var headers: [(name: String, value: String)] = []
        if throttles, random.below(10) == 0 {
            headers = random.pick([
                [("Retry-After", "7")], [("Retry-After", "4000")], [("X-RateLimit-Remaining", "0"), ("X-RateLimit-Reset", "30")],
                [("RateLimit", #""default";r=0;t=20"#)], [("Retry-After", "99999999")],
            ])
        }
        let absorbed = limiter.absorb(status: status, hint: RateLimitHint(headers: headers, at: now.wall), at: now)
        if absorbed.mustBeKept, random.below(5) > 0 { durable = (limiter, now) }
        if random.below(10) == 0 { limiter.attemptEnded(succeeded: status == 200) }
    }

    /// The process is killed and started again, with or without its machine; somebody may set the clock meanwhile.
    private mutating func die() {
        restarts += 1
        let kept = durable.limiter.encoded(at: durable.at)
        ends += Array(repeating: time, count: inFlight)
        inFlight = 0
        let died = time
        time += Int64(random.below(random.pick([50, 5_000, 70_000, 900_000])))
        if random.below(3) == 0 { boot = time - Int64(random.below(Int(time - died) + 1)) }
        if random.bool() { setClock() }
        var warning: String?
        limiter = RequestLimiter(quota: Quota(perMinute: quota), decoding: kept, at: now, warning: &warning)
    }

    private mutating func setClock() {
        let range = random.pick([100, 60_000, 3_600_000, 86_400_000, 40 * 86_400_000])
        clockError = random.below(4) == 0 ? 0 : Int64(random.below(2 * range) - range)
    }

    /// After some minutes without requests the whole quota is there again.
    private mutating func beQuiet() {
        quietTimes += 1
        while inFlight > 0 { answer() }
        time += max(TokenBucket.windowMilliseconds, Int64(quota) * 60_000)
        guard limiter.effectiveQuota(at: now) == quota, limiter.available(at: now) == quota else {
            violation = "after \(time) ms: \(limiter.available(at: now)) tokens after minutes without a request"
            return
        }
        guard !throttles else { return }
        for position in 0..<quota where violation == nil {
            let before = calls
            limiter.beginAttempt()
            guard limiter.admit(.scheduled, at: now) == .granted else {
                violation = "after \(time) ms: the quota is \(quota), and request \(position + 1) was not sent"
                return
            }
            durable = (limiter, now)
            calls = before + 1
            inFlight += 1
            ends.removeAll { time - $0 >= 60_000 }
            if ends.count + inFlight > quota { violation = "after \(time) ms: too many" }
            answer()
        }
    }
}
