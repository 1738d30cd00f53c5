import Glibc

/// The clocks of the log; tests put their own in place.
package struct LogClock: Sendable {
    /// Milliseconds since 1970, which lines show.
    var wall: @Sendable () -> Int64
    /// Milliseconds of a clock that nobody sets, by which repetition is told.
    var monotonic: @Sendable () -> Int64

    /// The machine's.
    package static let system = LogClock(
        wall: LogTime.now,
        monotonic: {
            var time = timespec()
            clock_gettime(CLOCK_MONOTONIC, &time)
            return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
        }
    )
}
