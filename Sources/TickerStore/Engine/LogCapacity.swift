/// How much a log file reserves.
enum LogCapacity {
    static let usual = 64 << 20
    static let least = 4 << 20

    /// 1/16 of the free space on a small disk.
    static func onDisk(withFree bytes: Int) -> Int {
        min(usual, max(least, bytes / 16))
    }
}
