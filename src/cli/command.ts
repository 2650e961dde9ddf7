import { Command, type Option } from 'commander'
import { unknownName } from '../experiment/nearest.ts'

/** A commander command whose complaints are input errors that name the nearest known word. */
export class QuireCommand extends Command {
  override createCommand(name?: string): QuireCommand {
    return new QuireCommand(name)
  }

  /** Called by commander. */
  unknownOption(flag: string): never {
    const known = [...this.options.filter((option: Option) => !option.hidden).map((option) => option.long ?? ''), '--help'].filter(Boolean)
    throw unknownName('option', flag.split('=')[0], known, this.path())
  }

  /** Called by commander. */
  unknownCommand(): never {
    const known = this.commands.map((command) => command.name())
    throw unknownName(this.parent ? 'verb' : 'command', this.args[0], known, this.path())
  }

  /** `quire ramda train` */
  path(): string {
    return [this.parent instanceof QuireCommand ? this.parent.path() : '', this.name()].filter(Boolean).join(' ')
  }
}
