import Glibc
package import Logging
package import MarketData
package import TickerStore
import Transfer

/// What ingest takes from its surroundings; tests put their own in place.
package struct IngestEnvironment: Sendable {
    package var fileSystem: any FileSystem
    package var logger: Logger
    /// Rows whose timestamp is further back than this, in milliseconds, are counted as `too_old` and not stored; nil: rows are kept for ever.
    package var retainRowsMilliseconds: Int64?
    /// The time by which the store judges ages, in milliseconds since 1970: no later than the clock's, which may be wrong. nil: the clock's.
    package var retentionTime: @Sendable () -> Int64? = { nil }
    /// What must not be seen in a record or a log.
    package var secrets = Secrets()
    /// Where everything is kept. Records of runs, which everyone may read, name what is in it without it.
    package var dataDirectory = ""
    /// The program did not exist before: a clock that says so is wrong (spec section 2).
    package var existsSince = Timestamp.earliest
    /// What is made to go wrong, for demonstrations and tests; nil in ordinary use.
    package var fault: FaultSwitch?
    /// Told of each run that has ended, when its record is stored; on the run's thread, so it must be quick.
    package var runEnded: @Sendable (RunRecord) -> Void = { _ in }
    /// The clocks.
    var now: @Sendable () -> Moment
    /// A random number from 0 up to and without the given one, which is positive.
    var random: @Sendable (Int64) -> Int64 = { Int64.random(in: 0..<$0) }
    /// After so many bad records in one run something is wrong with a source of files, not with its records (spec section 5).
    var maximumBadRecords = CSVLoader.maximumBadRecords
    /// The random suffix of a run id.
    var randomSuffix: @Sendable () -> String
    /// Sleeps on the calling thread for so many milliseconds.
    var sleep: @Sendable (Int64) -> Void = { usleep(UInt32($0) * 1_000) }

    /// A message without the path of the data directory.
    func withoutDirectory(_ message: String) -> String {
        dataDirectory.isEmpty ? message : message.replacing(dataDirectory + "/", with: "")
    }

    /// Rows before this are too old to be stored; nil: none is.
    func oldestKept(at now: Timestamp) -> Timestamp? {
        retainRowsMilliseconds.map { Timestamp(milliseconds: min(now.milliseconds, retentionTime() ?? now.milliseconds) - $0) }
    }

    package init(fileSystem: any FileSystem = PosixFileSystem(), logger: Logger, retainRowsMilliseconds: Int64? = nil) {
        self.fileSystem = fileSystem
        self.logger = logger
        self.retainRowsMilliseconds = retainRowsMilliseconds
        now = {
            var time = timespec()
            clock_gettime(CLOCK_BOOTTIME, &time)
            return Moment(wall: currentMilliseconds(), monotonic: Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000)
        }
        randomSuffix = {
            let letters = Array("abcdefghijklmnopqrstuvwxyz0123456789")
            return String((0..<6).map { _ in letters[Int.random(in: 0..<letters.count)] })
        }
    }
}

extension IngestEnvironment {
    /// Sleeps on the calling thread, which must be one that may, until the time is over or there is a reason to stop.
    func pause(milliseconds: Int64, mustStop: () -> Bool) {
        let end = now().monotonic + milliseconds
        while !mustStop() {
            let rest = end - now().monotonic
            if rest <= 0 { return }
            sleep(min(rest, 50))
        }
    }
}
