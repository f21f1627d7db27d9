import { Controller, Delete, Param, Post, Req, Res } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  ApiProblems,
  ApiRedirect,
  ApiRequestId,
  ApiTimeout,
  apiRequest,
  jsonSchema,
  requestIdHeader,
  sendAnswer,
} from '../http/index.js';
import type { ProblemCode } from '../http/index.js';
import { joinedSchema } from './dto/join.dto.js';
import { handOverSchema, leaderSchema } from './dto/members.dto.js';
import { MembersService } from './members.service.js';

const parameters = ['timeout', 'redirect'];

/** What both routes can answer. */
const problems: readonly ProblemCode[] = [
  'CROSS_SITE',
  'NOT_FOUND',
  'CONFLICT',
  'STARTING',
  'NO_LEADER',
  'NO_MEMBER',
  'SHUTTING_DOWN',
  'OVERLOADED',
];

/** Members that leave, and leadership that moves, over HTTP. */
@ApiTags('cluster')
@ApiRequestId()
@Controller('cluster')
export class MembersController {
  constructor(private readonly members: MembersService) {}

  @ApiOperation({
    summary: 'Remove a member',
    description:
      'Refused where the voters that are left would have no healthy majority. A leader that is removed hands leadership over first. The node itself says from then on that it was removed; stop it, or start it with `-join` to let it in as a new instance.',
  })
  @ApiParam({ name: 'id', description: 'Id of the member.', schema: { type: 'string' } })
  @ApiTimeout()
  @ApiRedirect()
  @ApiResponse({
    status: 200,
    description: 'Removed; the list is in force.',
    headers: requestIdHeader,
    standardSchema: joinedSchema,
  })
  @ApiProblems([...problems, 'CHANGE_IN_PROGRESS', 'OUTCOME_UNKNOWN', 'TIMEOUT'])
  @Delete('members/:id')
  async remove(@Param('id') id: string, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    sendAnswer(reply, await this.members.remove(id, apiRequest(request, parameters)));
  }

  @ApiOperation({
    summary: 'Hand leadership over',
    description:
      'To the voter of that id, or to the one that stores most. Answers when it leads; writes meanwhile wait for it.',
  })
  @ApiBody({ required: false, schema: jsonSchema(handOverSchema, 'input') })
  @ApiTimeout()
  @ApiRedirect()
  @ApiResponse({
    status: 200,
    description: 'It leads.',
    headers: requestIdHeader,
    standardSchema: leaderSchema,
  })
  @ApiProblems([...problems, 'INVALID_JSON', 'BODY_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE', 'REQUEST_TIMEOUT', 'TIMEOUT'])
  @Post('leader')
  async handOver(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    sendAnswer(reply, await this.members.handOver(apiRequest(request, parameters)));
  }
}
