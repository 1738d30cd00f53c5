/// An error the user sees as one line, and the exit code that goes with it.
struct CommandFailure: Error {
    var code: ExitStatus
    var message: String

    init(_ code: ExitStatus, _ message: String) {
        self.code = code
        self.message = message
    }
}
