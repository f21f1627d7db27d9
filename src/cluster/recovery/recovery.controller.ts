import { Controller, Get, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ApiProblems, ApiRequestId, apiRequest, jsonAnswer, requestIdHeader, sendAnswer } from '../../http/index.js';
import { recoverySchema } from './recovery.dto.js';
import { RecoveryService } from './recovery.service.js';

const noParameters: readonly string[] = [];

/** What is left where a majority is lost. */
@ApiTags('cluster')
@ApiRequestId()
@Controller('cluster')
export class RecoveryController {
  constructor(private readonly recovery: RecoveryService) {}

  @ApiOperation({
    summary: 'Show what this node knows where the majority is lost',
    description:
      'Where its log ends, which members answer, and from which survivor to go on with `raftd recover`. Every survivor that reaches the same others names the same one. Works without a leader.',
  })
  @ApiResponse({
    status: 200,
    description: 'What is left.',
    headers: requestIdHeader,
    standardSchema: recoverySchema,
  })
  @ApiProblems(['STARTING'])
  @Get('recovery')
  async showRecovery(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    apiRequest(request, noParameters);
    sendAnswer(reply, jsonAnswer(await this.recovery.view()));
  }
}
