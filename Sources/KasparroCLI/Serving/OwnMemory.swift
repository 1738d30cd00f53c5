import CMalloc
import Telemetry

/// The memory of this process that is not of files, in bytes.
struct OwnMemory: Equatable {
    /// What the system has given.
    var resident: Int
    /// Blocks that somebody holds.
    var inUse: Int

    /// The rest: pages between those blocks that malloc keeps for whoever asks next, and about a megabyte of stacks.
    var unused: Int { max(0, resident - inUse) }

    /// Takes a tenth of a millisecond; nil where `/proc` does not say.
    static func now() -> OwnMemory? {
        AnonymousMemory.residentBytes().map { resident in
            let heap = mallinfo2()
            return OwnMemory(resident: resident, inUse: heap.uordblks + heap.hblkhd)
        }
    }
}
