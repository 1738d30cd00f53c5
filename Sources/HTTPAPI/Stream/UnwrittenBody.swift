import Hummingbird

extension ResponseBody {
    /// Of the answer to HEAD, where the one to GET is written without knowing how long it will be.
    static let unwritten = ResponseBody { writer in try await writer.finish(nil) }
}
