/// The exit codes of spec section 11, after sysexits(3).
enum ExitStatus: Int32, CaseIterable {
    case failure = 1
    case usage = 2
    case corruptData = 65
    case cannotCreate = 73
    case locked = 75
    case permission = 77
    case badConfiguration = 78
}
